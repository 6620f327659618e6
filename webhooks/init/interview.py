"""Asking a person, or whoever pipes the answers in, or taking what was given on the command line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import click

from webhooks.problems import Refusal, did_you_mean

NONE = "-"
"""The answer that takes a value away, or leaves it out."""

Problem = Callable[[str], str | None]


def no_problem(_: str) -> None:
    """Whatever is answered will do."""


class Interview:
    """`given` are the answers of the command line by name; where `may_ask` is false nothing else is asked."""

    def __init__(self, given: Mapping[str, str], *, may_ask: bool) -> None:
        self._given = given
        self.may_ask = may_ask
        self._missing: list[str] = []

    def ask(
        self,
        name: str,
        question: str,
        default: str | None,
        *,
        problem: Problem = no_problem,
        is_optional: bool = False,
    ) -> str:
        """The answer; empty for none, where it is optional. Raises Refusal where what was given will not do."""
        if name in self._given:
            return self._taken(name, self._given[name], problem, is_optional=is_optional)
        if not self.may_ask:
            if default is None and not is_optional:
                self._missing.append(_flag(name))
            return self._taken(name, default, problem, is_optional=is_optional) if default else ""
        hint = f" ({NONE} for none)" if is_optional else ""
        while True:
            answer = str(click.prompt(f"{question}{hint}", default=default or (NONE if is_optional else None))).strip()
            if is_optional and answer == NONE:
                return ""
            told = problem(answer)
            if told is None:
                return answer
            click.echo(f"  {told}")

    def choose(self, name: str, question: str, choices: Mapping[str, str] | Sequence[str], default: str | None) -> str:
        """One of the choices, shown with what they mean; anything where there are none to choose from."""
        if name not in self._given and self.may_ask and choices:
            click.echo(_shown(choices))
        offered = default if default in choices or not choices else None
        return self.ask(name, question, offered, problem=one_of(choices))

    def confirm(self, question: str, *, default: bool) -> bool:
        """Yes or no; the default where nothing may be asked."""
        return click.confirm(question, default=default) if self.may_ask else default

    def finish(self) -> None:
        """Raises Refusal naming every answer that is missing."""
        if self._missing:
            raise Refusal(f"with --no-input these are needed too: {', '.join(self._missing)}")

    def _taken(self, name: str, answer: str, problem: Problem, *, is_optional: bool) -> str:
        answer = answer.strip()
        if is_optional and answer in ("", NONE):
            return ""
        told = problem(answer)
        if told is not None:
            raise Refusal(f"{_flag(name)}: {told}")
        return answer


def one_of(choices: Collection[str]) -> Problem:
    def problem(answer: str) -> str | None:
        if not choices or answer in choices:
            return None
        return f"{answer} is not there{did_you_mean(answer, choices)}"

    return problem


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _shown(choices: Mapping[str, str] | Sequence[str]) -> str:
    if isinstance(choices, Mapping):
        return "\n".join(f"  {key}  {meaning}".rstrip() for key, meaning in choices.items())
    return "  " + ", ".join(choices)
