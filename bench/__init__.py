"""Measures what the design promises: `python -m bench`, or `python -m bench door`. A slow machine is no bug."""
