"""What Tieout thinks: records and their words, lifecycles, maps, merge, plan, ladder.

Values in, values out. Never here: network, disk, clock, randomness, logging, or an import of the other packages.
"""
