"""What editors and phones put in place of the plain characters that people typed."""

from __future__ import annotations

_SAME = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2007": " ",
        "\t": " ",
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\u2060": None,
        "\ufeff": None,
        "\ufe55": ":",
        "\uff1a": ":",
        "\uff0f": "/",
        "\u2044": "/",
        "\u2010": "-",
        "\u2011": "-",
        "\u2212": "-",
        "\u2012": "\u2013",
        "\u2015": "\u2014",
        "\r": "\n",
        "\u2028": "\n",
        "\u2029": "\n",
        "\u000b": "\n",
        "\u000c": "\n",
    }
)
"""The wide dashes stay apart from the hyphen of a date."""


def typed_plainly(text: str) -> str:
    """`text` with plain spaces, colons, slashes, hyphens and line breaks, and without characters that show nothing."""
    return text.replace("\r\n", "\n").translate(_SAME)
