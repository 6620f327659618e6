"""The auditors' side: a request's evidence page and an audit's home page, written from the register and read back."""

from .facts import SYNC, PageFacts
from .home import compose_home, home_regions, is_home, rewrite_home
from .overview import INDEX, READINESS, Overview, compose_index, index_regions, index_title, readiness_region
from .page import REGIONS, compose, render_regions, rewrite, say_step, title_of
from .readback import PageSaid, Unreadable, content_of, read_decision_tick, read_due, read_page, read_step

__all__ = [
    "INDEX",
    "READINESS",
    "REGIONS",
    "SYNC",
    "Overview",
    "PageFacts",
    "PageSaid",
    "Unreadable",
    "compose",
    "compose_home",
    "compose_index",
    "content_of",
    "home_regions",
    "index_regions",
    "index_title",
    "is_home",
    "read_decision_tick",
    "read_due",
    "read_page",
    "read_step",
    "readiness_region",
    "render_regions",
    "rewrite",
    "rewrite_home",
    "say_step",
    "title_of",
]
