"""The keys of the work table: what can be due."""

RECORD = "record:"
TELL = "tell:"
POLL_JIRA = "poll:jira"
POLL_CONFLUENCE = "poll:confluence"
SWEEP = "sweep:"
SWEEP_LADDER = "sweep:ladder"
SWEEP_ALL = "sweep:all"
SWEEP_TIDY = "sweep:tidy"
SWEEP_CHECK = "sweep:check"
"""How the sites are set up; only where the worker was given the chore."""
SWEEP_OVERVIEW = "sweep:overview"


def record_key(uid: str) -> str:
    """The key that stands for a record."""
    return f"{RECORD}{uid}"


def tell_key(uid: str) -> str:
    """The key that stands for what a request's page says about being in step."""
    return f"{TELL}{uid}"


def uid_of(key: str) -> str:
    """The record that a key stands for."""
    if not key.startswith(RECORD):
        raise ValueError(f"expected a record's key such as record:3f…, and got {key!r}")
    return key.removeprefix(RECORD)
