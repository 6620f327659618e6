"""A page as its editor shows it: drawn as it is read, with a field where words, dates and lozenges can be changed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import storage
from connector.sandbox.confluence.state import Page
from connector.sandbox.confluence.storage import BLOCKS
from connector.sandbox.pages.draw_storage import draw_tree
from connector.sandbox.pages.passages import KINDS, Passage, edited, found_again, passages, same_text
from connector.sandbox.pages.storage_tree import EDIT, Node, tree
from connector.sandbox.site import Site

TEXT, DATE, LOZENGE, END = "text-", "date-", "lozenge-", "end"
LINE = 90
"""Letters that a line of a field holds, where the browser does not fit it by itself."""
MOVED = "Somebody saved version {} while you were editing, and changed the same words. Yours are kept below."
_NAMED = 40
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Edited:
    """What a person changed in the editor, in the body that they had before them."""

    body: str
    texts: Mapping[str, str]
    dates: Mapping[int, str]
    lozenges: Mapping[int, str]
    end: str

    @property
    def is_anything(self) -> bool:
        return bool(self.texts or self.dates or self.lozenges or self.end.strip())

    def applied(self, now: str) -> str | None:
        """`now` with it, which may be a newer body; None when what was changed does not stand in it any more."""
        if now == self.body:
            return edited(now, self.texts, self.dates, self.lozenges, self.end)
        texts = None if self.dates or self.lozenges else found_again(self.texts, self.body, now)
        return None if texts is None else edited(now, texts, {}, {}, self.end)

    @property
    def words(self) -> tuple[str, ...]:
        """All that was written, to be kept when it cannot be saved."""
        written = (*self.texts.values(), *self.dates.values(), *self.lozenges.values(), self.end)
        return tuple(text for text in written if text.strip())


def read_form(form: Mapping[str, str], body: str) -> Edited:
    """What a form says that was filled in on this body; what is not of it is left alone."""
    held = passages(body)
    texts = {name: form[TEXT + name] for name in held if TEXT + name in form}
    dates = {at: (was, form.get(f"{DATE}{at}", was)) for at, was in _dates(body).items()}
    lozenges = {at: (was, form.get(f"{LOZENGE}{at}", was).strip()) for at, was in _lozenges(body).items()}
    return Edited(
        body,
        {name: text for name, text in texts.items() if not same_text(held[name].text, text)},
        {at: said for at, (was, said) in dates.items() if said != was and _ISO.fullmatch(said)},
        {at: said for at, (was, said) in lozenges.items() if said != was and said},
        form.get(END, ""),
    )


def drawn(site: Site, person: Account, page: Page, today: date, form: Mapping[str, str]) -> Markup:
    """The page's body with its fields, as they are on the page or, where the form has them, as they were filled in."""
    root = _with_fields(tree(page.body), passages(page.body), form)
    return draw_tree(site, person, page, root, today)


def _dates(body: str) -> dict[int, str]:
    times = (one for one in storage.tokens(body) if one.kind == "start" and one.name == "time")
    return {time.begin: time.attribute("datetime") or "" for time in times}


def _lozenges(body: str) -> dict[int, str]:
    macros = (one for one in tree(body).all("ac:structured-macro") if one.get("ac:name") == "status")
    return {macro.begin: macro.parameter("title") for macro in macros}


def _with_fields(node: Node, held: Mapping[str, Passage], form: Mapping[str, str]) -> Node:
    """The tree with the passages of each block as fields, and what stands in them without words behind them."""
    children: list[Node | str] = []
    group: list[Node | str] = []
    blocks = 0
    for child in [*node.children, None]:
        if isinstance(child, str) or (child is not None and child.name not in BLOCKS):
            group.append(child)
            continue
        children += _group(group, held.get(f"{node.begin}.{blocks}"), form)
        group, blocks = [], blocks + 1
        if child is not None:
            is_lozenge = child.get("ac:name") == "status"
            children.append(_lozenge(child, form) if is_lozenge else _with_fields(child, held, form))
    return Node(node.name, node.attributes, children, node.begin)


def _group(group: list[Node | str], passage: Passage | None, form: Mapping[str, str]) -> list[Node | str]:
    if passage is None:
        return [_date(one, form) if isinstance(one, Node) and one.name == "time" else one for one in group]
    name, text = TEXT + passage.name, passage.text
    label = f"{KINDS[passage.element]}: {' '.join(text.split())[:_NAMED] or 'empty'}"
    value = form.get(name, text)
    rows = str(sum(len(line) // LINE + 1 for line in value.split("\n")))
    kept = [one for one in group if isinstance(one, Node) and one.name != "br" and not _words(one)]
    shown = [_date(one, form) if one.name == "time" else one for one in kept]
    return [Node(EDIT, {"kind": "text", "name": name, "value": value, "label": label, "rows": rows}), *shown]


def _words(node: Node) -> str:
    """What of an element is in its passage's field; the words of a link in a plain text of its own are not."""
    return "" if node.child("ac:plain-text-link-body") else node.text


def _date(time: Node, form: Mapping[str, str]) -> Node:
    name, on = f"{DATE}{time.begin}", time.get("datetime")
    return Node(EDIT, {"kind": "date", "name": name, "value": form.get(name, on), "label": f"Date: {on}"})


def _lozenge(macro: Node, form: Mapping[str, str]) -> Node:
    name, title = f"{LOZENGE}{macro.begin}", macro.parameter("title")
    colour = (macro.parameter("colour") or "grey").casefold()
    value = form.get(name, title)
    shown = {"value": value, "label": f"Status: {title}", "colour": colour, "rows": str(max(len(value), 4))}
    return Node(EDIT, {"kind": "lozenge", "name": name, **shown})
