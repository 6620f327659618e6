"""Which parts of a page a reconcile must read beside its body. Whoever marks a key says what changed; a sweep says all.

Issues come with comments and files in the one read, so they need no facet.
"""

PAGE_COMMENTS = 1
PAGE_FILES = 2
ALL = PAGE_COMMENTS | PAGE_FILES
