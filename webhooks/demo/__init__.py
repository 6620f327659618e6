"""The demo: a site in a box, Tieout beside it, and one request's story from the list to the auditor's yes.

Nothing here is used by the service. Everything the story does is done over the wire, as the people of the story.
"""
