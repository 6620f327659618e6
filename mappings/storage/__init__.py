"""Confluence's storage format: written, read, compared, and rewritten without touching what people wrote."""

from .canonical import normalise
from .parsing import NotStorage, check_well_formed
from .reading import plain_text
from .regions import Region, outside_regions, read_regions, replace_regions, without_region
from .writing import escape, to_storage

__all__ = [
    "NotStorage",
    "Region",
    "check_well_formed",
    "escape",
    "normalise",
    "outside_regions",
    "plain_text",
    "read_regions",
    "replace_regions",
    "to_storage",
    "without_region",
]
