"""JQL: `syntax` reads the words, `terms` knows the fields, `moments` the dates, `history` what was, and `query` makes a
predicate of it all.
"""
