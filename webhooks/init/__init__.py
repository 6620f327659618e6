"""`tieout init`: questions whose answers become a mapping file, or change one that is there.

What is here asks and edits text. It writes no file and no secret, and what a site says is only ever proposed.
"""
