"""The edge: settings, wiring, the webhook door, health and metrics, the command line.

Here: the one composition root. Never here: rules of the audit, of the merge, or of the wire.
"""
