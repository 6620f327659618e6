"""One module for each command of `tieout`. A command reads its arguments, asks the wiring for parts, and prints.

Never here: what is decided or how it is stored.
"""
