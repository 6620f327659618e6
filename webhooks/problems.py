"""What is wrong with the configuration, told all at once: a list of lines a person can mend."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class Misconfigured(Exception):
    """Settings or mapping file cannot be used. `problems` has one line for each thing to mend."""

    def __init__(self, what: str, problems: Sequence[str]) -> None:
        super().__init__("\n".join([f"{what}: {len(problems)} to mend", *(f"  {problem}" for problem in problems)]))
        self.problems = tuple(problems)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?` for the nearest known word, or nothing when none is near."""
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.7)
    return f"; did you mean {by_lower[near[0]]}?" if near else ""


class Refusal(Exception):
    """What was asked for cannot be done; the message says why and what to do."""
