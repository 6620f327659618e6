"""The audit's pages as things: the home page with how far the audit is, and an index page for each criterion."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from mappings.commands import HOW_TO_DECIDE
from mappings.evidence_page import (
    READINESS,
    Overview,
    compose_home,
    compose_index,
    home_regions,
    index_regions,
    index_title,
    readiness_region,
)
from mappings.records import Value
from mappings.rules import AuditRule
from mappings.storage import normalise, outside_regions

from .things import Ground, Thing, ThingKind, reference


def things_of_pages(audit: AuditRule, overview: Overview, ground: Ground, home_title: str) -> list[Thing]:
    """Home page first; none where the space is not shown."""
    space = ground.spaces.get(audit.space)
    if space is None:
        return []
    key = overview.audit_key
    says: dict[str, Value] = {"space": space, "title": home_title, "parent": ground.tops.get(audit.space)}
    says["people"] = peoples_part(compose_home(key, audit, overview.people, HOW_TO_DECIDE))
    why = "dates, people, readiness by criterion, all requests, how auditors decide"
    home = Thing(home_name(key), ThingKind.PAGE, says, why, all_home_regions(audit, overview), is_the_syncs=True)
    criteria = overview.criteria if audit.provision.index_pages else ()
    return [home, *(_index(overview, criterion, space) for criterion in criteria)]


def all_home_regions(audit: AuditRule, overview: Overview) -> dict[str, str]:
    """The syncs' parts of the home page, with how far the audit is before the list of all requests."""
    regions: dict[str, str] = {}
    for name, xml in home_regions(overview.audit_key, audit, overview.people, HOW_TO_DECIDE).items():
        if name == "tieout-home-requests":
            regions[READINESS] = readiness_region(overview)
        regions[name] = xml
    return regions


def regions_of(name: str, audit: AuditRule, overview: Overview) -> Mapping[str, str]:
    """Our parts of the page of that thing's name, as they should be now."""
    if name == home_name(overview.audit_key):
        return all_home_regions(audit, overview)
    return index_regions(overview, name.rpartition("/")[2])


def body_of(thing: Thing) -> str:
    """The whole body of a page that is not there yet."""
    return compose_index(thing.regions)


def peoples_part(body: str) -> str:
    """A short name of what stands on a page outside our parts."""
    return hashlib.sha256(normalise(outside_regions(body)).encode()).hexdigest()[:16]


def home_name(key: str) -> str:
    return f"{key}/home"


def is_page_name(name: str) -> bool:
    """Whether a thing of that name is one of an audit's pages."""
    return name.endswith("/home") or "/index/" in name


def _index(overview: Overview, criterion: str, space: str) -> Thing:
    key, regions = overview.audit_key, index_regions(overview, criterion)
    title = index_title(criterion, key)
    says: dict[str, Value] = {"space": space, "title": title, "parent": reference(home_name(key))}
    says["people"] = peoples_part(compose_index(regions))
    return Thing(f"{key}/index/{criterion}", ThingKind.PAGE, says, "its requests and how they stand", regions)
