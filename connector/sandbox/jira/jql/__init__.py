"""JQL: `syntax` reads the words, `terms` knows the fields, `moments` the dates, `query` makes a predicate of it all."""
