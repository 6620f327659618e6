"""What is a command and what is talk, on comments as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.commands import HOW_TO_DECIDE, BadCommand, Command, Verb, read_command

TODAY = date(2026, 11, 23)
DEC_1 = date(2026, 12, 1)
ACCEPT = Command(Verb.ACCEPT)


def read(text: str) -> Command | BadCommand | None:
    return read_command(text, today=TODAY)


def accept(text: str) -> Command:
    return Command(Verb.ACCEPT, text)


def returned(text: str, due_on: date | None = None) -> Command:
    return Command(Verb.RETURN, text, due_on=due_on)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("accept", ACCEPT),
        ("Accept", ACCEPT),
        ("ACCEPT", ACCEPT),
        ("/accept", ACCEPT),
        ("  accept  \n", ACCEPT),
        ("accept.", ACCEPT),
        ("Accept!", ACCEPT),
        ("accept!!", ACCEPT),
        ("accepted", ACCEPT),
        ("Accepted.", ACCEPT),
        ("\u00a0accept\u00a0", ACCEPT),
        ("\ufeffaccept\u200b", ACCEPT),
        ("**accept**", ACCEPT),
        ("`accept`", ACCEPT),
        ("“accept”", ACCEPT),
        ("accept: complete and for the right period", accept("complete and for the right period")),
        ("accept： complete", accept("complete")),
        ("**Accept:** complete", accept("complete")),
        ("Accept - thank you", accept("thank you")),
        ("accept — thank you", accept("thank you")),
        ("Accept. Thank you, Olga.", accept("Thank you, Olga.")),
        ("accept\nThank you.\nAbe", accept("Thank you.\nAbe")),
        ("accept\r\n\r\nThank you.", accept("Thank you.")),
        ("/accept with thanks", accept("with thanks")),
        ("> Please have a look.\n\naccept", ACCEPT),
        ("> accept\n> or return?\nreturn: see page 3", returned("see page 3")),
        ("@tieout accept", ACCEPT),
        ("@olga.owner: accept", ACCEPT),
        ("@tieout Accept: fine, thanks", accept("fine, thanks")),
        ("@Olga Owner, accept", ACCEPT),
        ("@Olga Mary Owner: accept", ACCEPT),
        ("@Olga Owner\naccept", ACCEPT),
        ("[~accountid:712020:ab-cd] accept", ACCEPT),
        ("@olga @tieout accept", ACCEPT),
        ("return: wrong period", returned("wrong period")),
        ("Return:wrong period", returned("wrong period")),
        ("RETURN - wrong period", returned("wrong period")),
        ("Returned: the list ends in June", returned("the list ends in June")),
        ("/return wrong period", returned("wrong period")),
        ("return\nWrong period, and page 2 is missing.", returned("Wrong period, and page 2 is missing.")),
        ("return: wrong period\ndue 2026-12-01", returned("wrong period", DEC_1)),
        ("return: wrong period\r\nDue: 2026-12-01.", returned("wrong period", DEC_1)),
        ("return: wrong period, it was due 2026-10-01", returned("wrong period, it was due 2026-10-01")),
        ("not applicable: no card data", Command(Verb.NOT_APPLICABLE, "no card data")),
        ("Not  Applicable: no card data", Command(Verb.NOT_APPLICABLE, "no card data")),
        ("n/a: no card data", Command(Verb.NOT_APPLICABLE, "no card data")),
        ("N/A – no card data", Command(Verb.NOT_APPLICABLE, "no card data")),
        ("question: which system is this?", Command(Verb.QUESTION, "which system is this?")),
        ("Question:\nWhich system is this?", Command(Verb.QUESTION, "Which system is this?")),
        ("answer: both systems", Command(Verb.ANSWER, "both systems")),
        ("due 2026-12-01", Command(Verb.DUE, due_on=DEC_1)),
        ("Due: 2026-12-01", Command(Verb.DUE, due_on=DEC_1)),
        ("/due 2026-12-01.", Command(Verb.DUE, due_on=DEC_1)),
        ("due 2026‑12‑01", Command(Verb.DUE, due_on=DEC_1)),
        ("due 2026–12–01", Command(Verb.DUE, due_on=DEC_1)),
        ("due 2026-11-23", Command(Verb.DUE, due_on=TODAY)),
        ("due 2026-12-01 since the sample came late", Command(Verb.DUE, "since the sample came late", due_on=DEC_1)),
        ("escalate", Command(Verb.ESCALATE)),
        ("Escalate!", Command(Verb.ESCALATE)),
        ("escalate: three weeks without an answer", Command(Verb.ESCALATE, "three weeks without an answer")),
        ("/escalate nobody answers", Command(Verb.ESCALATE, "nobody answers")),
        ("acknowledge", Command(Verb.ACKNOWLEDGE)),
        ("Acknowledge: on it", Command(Verb.ACKNOWLEDGE, "on it")),
        ("snooze 3", Command(Verb.SNOOZE, days=3)),
        ("Snooze: 5 days", Command(Verb.SNOOZE, days=5)),
        ("/snooze 1 working day.", Command(Verb.SNOOZE, days=1)),
    ],
)
def test_commands_are_read_in_the_forms_people_write(text: str, command: Command) -> None:
    assert read(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "Accept my apologies, I was away last week.",
        "accept, thanks",
        "Accept?",
        "accept?!",
        "accept...",
        "Accepted by the board on 3 May.",
        "Acceptance criteria are attached.",
        "accept-ance",
        "I accept",
        "I can't accept this.",
        "Do not accept",
        "Please accept",
        "Not accepted: wrong period",
        "“Accept” is what I would write if page 2 were there.",
        "'accept",
        "> accept",
        "> accept\nNo, not yet.",
        "@olga please accept",
        "@Olga I do not accept this.",
        "@olga we can't do this, accept",
        "@olga",
        "Return to sender",
        "Returned from holiday, will look tomorrow.",
        "return-path header is missing",
        "Return on investment - see page 2",
        "Question about page 3",
        "Questions: see below",
        "question?",
        "Answering your mail",
        "The answer: 42",
        "Not applicable to us, I think",
        "NA region only",
        "Name: Olga Owner",
        "n/a for EU",
        "Due to illness this will be late.",
        "Due diligence report attached",
        "due-diligence report attached",
        "Due dates look fine to me",
        "due 3 of the samples",
        "overdue 2026-12-01",
        "It is due 2026-12-01",
        "escalate this to your manager if you like",
        "Escalated: see mail",
        "acknowledged",
        "Acknowledge receipt please",
        "snooze alarms are annoying",
        "/approve",
        "/ accepting",
        "😀 accept",
    ],
)
def test_talk_is_left_alone(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "verb", "why"),
    [
        ("return", Verb.RETURN, "Say why behind a colon, in the same comment: “return: …”."),
        ("Return.", Verb.RETURN, "Say why"),
        ("return:", Verb.RETURN, "Say why"),
        ("return: …", Verb.RETURN, "Say why"),
        ("/return", Verb.RETURN, "Say why"),
        ("return:\ndue 2026-12-01", Verb.RETURN, "Say why"),
        ("return: wrong period\ndue 2026-11-01", Verb.RETURN, "2026-11-01 is past: today is 2026-11-23."),
        ("question", Verb.QUESTION, "Say what you ask"),
        ("answer:", Verb.ANSWER, "Say your answer"),
        ("n/a", Verb.NOT_APPLICABLE, "“not applicable: …”"),
        ("Not applicable.", Verb.NOT_APPLICABLE, "Say why"),
        ("due", Verb.DUE, "Write the date as year-month-day, for example “due 2026-12-01”."),
        ("due: soon", Verb.DUE, "year-month-day"),
        ("due tomorrow", Verb.DUE, "year-month-day"),
        ("Due Friday", Verb.DUE, "year-month-day"),
        ("due 12/01/2026", Verb.DUE, "year-month-day"),
        ("due 1.12.2026", Verb.DUE, "year-month-day"),
        ("due 1 December", Verb.DUE, "year-month-day"),
        ("due Dec 1st", Verb.DUE, "year-month-day"),
        ("due 20261201", Verb.DUE, "year-month-day"),
        ("due 2026-12-1", Verb.DUE, "year-month-day"),
        ("due 2026-13-01", Verb.DUE, "2026-13-01 is not a day of the calendar."),
        ("due 2026-11-22", Verb.DUE, "2026-11-22 is past"),
        ("snooze", Verb.SNOOZE, "from 1 to 20"),
        ("snooze: a while", Verb.SNOOZE, "for example “snooze 3”"),
        ("snooze 0", Verb.SNOOZE, "from 1 to 20"),
        ("snooze 365", Verb.SNOOZE, "from 1 to 20"),
        ("@Olga Owner accept", Verb.ACCEPT, "a name stands first: begin the comment with “accept”."),
        ("@Jane Never accept", Verb.ACCEPT, "a name stands first"),
    ],
)
def test_what_was_meant_as_a_command_and_cannot_be_is_told_how(text: str, verb: Verb, why: str) -> None:
    bad = read(text)
    assert isinstance(bad, BadCommand)
    assert bad.verb is verb
    assert why in bad.why


keywords = st.sampled_from([*Verb, "n/a", "/accept", "@Jane Doe", "[~x] accept", "> q\nreturn", "due 2026-12-01"])


@given(st.text() | st.builds(lambda *parts: "".join(parts), st.text(max_size=3), keywords, st.text()))
def test_no_comment_breaks_the_reading(text: str) -> None:
    outcome = read(text)
    assert outcome is None or isinstance(outcome, Command | BadCommand)


@pytest.mark.parametrize("filler", ["\n", " ", "@a ", ">\n", "@A A", "return:\n", "'", "due "])
def test_a_comment_of_the_greatest_length_is_read_at_once(filler: str) -> None:
    for text in (filler * 30_000, f"return: x{filler * 30_000}", f"accept {filler * 30_000}", f"due {filler * 30_000}"):
        outcome = read(text)
        assert outcome is None or outcome.verb in Verb


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1))
def test_a_keyword_that_runs_into_a_word_is_none(word: str) -> None:
    if f"accept{word}".lower() != "accepted":
        assert read(f"accept{word}") is None


@given(st.text(alphabet=st.characters(categories=["L", "Zs", "P"]), min_size=1, max_size=30))
def test_no_words_before_accept_make_it_a_decision(words: str) -> None:
    """Unless they are a quotation, a mention, or marks around the word."""
    if any(character.isalpha() for character in words) and not words.strip().startswith(("@", "[", "/")):
        assert not isinstance(read(f"{words} accept"), Command) or read(words) is not None


@pytest.mark.parametrize("line", HOW_TO_DECIDE[1:])
def test_what_the_page_says_is_what_is_read(line: str) -> None:
    form = line.split(" – ")[0]
    asked = read(form.replace("…", "wrong period"))
    assert isinstance(asked, Command)
