"""HTML elements around outside words: the tag is one of ours, what is inside is escaped unless it was made here."""

from markupsafe import Markup, escape

_BLOCKS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "section", "div"}
_TABLES = {"table", "thead", "tbody", "tfoot", "tr", "th", "td"}
_INLINE = {"strong", "em", "s", "u", "sub", "sup", "small", "code", "span", "ins", "del"}
TAGS = frozenset(_BLOCKS | _TABLES | _INLINE)


def element(tag: str, inner: Markup | str, css: str = "") -> Markup:
    """`<tag class=css>inner</tag>`; a ValueError for a tag that is not ours to write."""
    if tag not in TAGS:
        raise ValueError(f"expected one of the tags that pages may hold, got {tag!r}; add it to TAGS if it is harmless")
    styled = Markup(' class="{}"').format(css) if css else Markup()
    name = Markup(tag)  # noqa: S704  one of TAGS
    return Markup("<{0}{1}>{2}</{0}>").format(name, styled, inner)


def joined(parts: list[Markup]) -> Markup:
    """Drawn pieces one after the other."""
    return Markup().join(parts)


def text(value: object) -> Markup:
    """Words from outside, escaped."""
    return escape(str(value or ""))
