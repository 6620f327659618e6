"""Tieout whole, over the real client, on the sandbox in-process, in virtual time."""
