"""What a storage body is drawn for: on which page, for whom, and whether its boxes can be ticked and its dates set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access
from connector.sandbox.confluence.state import Page
from connector.sandbox.pages.storage_tree import Node
from connector.sandbox.site import Site

Children = Sequence[Node | str]


@dataclass(frozen=True)
class Drawing:
    """One drawing under way. `is_live` is false in reports, comments and old versions, where nothing can be set."""

    site: Site
    person: Account
    page: Page
    today: date
    is_live: bool
    drawer: "Callable[[Drawing, Children], Markup]"
    in_properties: bool = False
    depth: int = 0

    def draw(self, children: Children) -> Markup:
        return self.drawer(self, children)

    def page_titled(self, space_key: str, title: str) -> Page | None:
        """A page the person sees, by its title, in this space or another."""
        state = self.site.confluence
        keys = {space.key: space.space_id for space in state.spaces.values()}
        found = state.page_titled(keys.get(space_key, self.page.space_id), title)
        return found if found is not None and access.may_view(self.site, self.person, found) else None
