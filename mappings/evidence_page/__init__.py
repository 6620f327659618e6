"""The auditors' side: a request's evidence page and an audit's home page, written from the register and read back."""

from .facts import PageFacts
from .home import compose_home, home_regions, rewrite_home
from .page import REGIONS, compose, render_regions, rewrite, title_of
from .readback import Unreadable, content_of, read_decision_tick, read_due

__all__ = [
    "REGIONS",
    "PageFacts",
    "Unreadable",
    "compose",
    "compose_home",
    "content_of",
    "home_regions",
    "read_decision_tick",
    "read_due",
    "render_regions",
    "rewrite",
    "rewrite_home",
    "title_of",
]
