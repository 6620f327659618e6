"""Faults planted in Tieout one at a time, to see that the tests find them: a test that cannot fail proves nothing."""
