"""Each key of a TOML file is found on the line it stands on, in every way TOML lets it be written."""

import pytest

from webhooks.toml_lines import key_lines, line_of

TEXT = '''# a comment = 1
top = 1  # another
"quoted key" = "a # b"
dotted."in.side".deep = true

[audit.soc2]  # header
when = 1979-05-27 07:32:00
text = """
key = 9
[not.a.table] \\"""
"""
raw = \'\'\'
x = "\'\'\'
list = [
    1,  # one
    [2, "]"],
    { a = 1, b = { c = "}" } },
]

[[audit.soc2.routes]]
team = "a"
[audit.soc2.routes.fields]
x = 1

[[audit.soc2.routes]]
team = "b"
[[people]]
name = "n"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("quoted key",), 3),
        (("dotted", "in.side", "deep"), 4),
        (("audit", "soc2"), 6),
        (("audit", "soc2", "when"), 7),
        (("audit", "soc2", "text"), 8),
        (("audit", "soc2", "raw"), 12),
        (("audit", "soc2", "list"), 14),
        (("audit", "soc2", "list", 0), 15),
        (("audit", "soc2", "list", 1, 1), 16),
        (("audit", "soc2", "list", 2, "b", "c"), 17),
        (("audit", "soc2", "routes", 0, "team"), 21),
        (("audit", "soc2", "routes", 0, "fields", "x"), 23),
        (("audit", "soc2", "routes", 1), 25),
        (("audit", "soc2", "routes", 1, "team"), 26),
        (("people", 0, "name"), 28),
    ],
)
def test_a_key_is_found_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert key_lines(TEXT)[path] == line


def test_no_key_is_seen_inside_a_string_or_a_comment() -> None:
    seen = {part for path in key_lines(TEXT) for part in path}
    assert not seen & {"key", "not", "a comment"}


def test_what_is_missing_is_shown_at_the_table_it_is_missing_from() -> None:
    lines = key_lines(TEXT)
    assert line_of(("audit", "soc2", "routes", 1, "project"), lines) == 25
    assert line_of(("jira", "url"), lines) == 1


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "a = 1", "a = []", "a = {}", 'a = ""', "a=[[],[{}]]"])
def test_the_smallest_files_are_read_to_their_end(text: str) -> None:
    assert len(key_lines(text)) == {"a=[[],[{}]]": 4}.get(text, int(text.startswith("a")))
