"""`/metrics` for Prometheus: what this process answered and asked, and what the register says when it is read."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from sync import journal, work
from sync.database import Database, StoreTrouble
from sync.store import Store
from webhooks.door import Outcome


@dataclass(frozen=True, slots=True)
class CallCount:
    """How often this process asked Atlassian for one template of an address, with what status; 0 is no answer."""

    method: str
    template: str
    status: int
    count: int


class Metrics:
    """The counters of one application, in a registry of its own, with what is read from the register when asked."""

    def __init__(self, database: Database, calls: Callable[[], Collection[CallCount]]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Register(database))
        self._registry.register(_Calls(calls))
        self._deliveries = Counter(
            "tieout_deliveries", "Webhooks by what became of them", ("sender", "outcome"), registry=self._registry
        )

    def counter_for(self, sender: str) -> Callable[[Outcome], None]:
        """What a door tells its outcomes to. Every outcome is shown from the start, with 0."""
        children = {outcome: self._deliveries.labels(sender, outcome.value) for outcome in Outcome}
        return lambda outcome: children[outcome].inc()

    def blueprint(self) -> Blueprint:
        routes = Blueprint("metrics", __name__)

        @routes.get("/metrics")
        def metrics() -> Response:
            return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)

        return routes


class _Calls(Collector):
    def __init__(self, calls: Callable[[], Collection[CallCount]]) -> None:
        self._calls = calls

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "tieout_atlassian_calls", "Calls to Atlassian", labels=("method", "template", "status")
        )
        for call in self._calls():
            family.add_metric((call.method, call.template, str(call.status)), call.count)
        yield family


class _Register(Collector):
    """Read at each scrape, so that every replica says the same. Without a database `tieout_register_up 0` is left."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> list[Metric]:
        return []  # not asked at registration, when there may be no database yet

    def collect(self) -> Iterator[Metric]:
        try:
            families = list(self._read())
        except StoreTrouble:  # the database's own log tells of it, once
            families = []
        yield GaugeMetricFamily("tieout_register_up", "Whether the database answers", value=bool(families))
        yield from families

    def _read(self) -> Iterator[Metric]:
        with self._database.read() as conn:
            store = Store(conn)
            counts, head, records = work.counts(conn), journal.head(conn), store.records.counts()
            links, conflicts = store.links.counts(), len(store.conflicts.open())
        keys = GaugeMetricFamily("tieout_work", "Keys of the work table by state", labels=("state",))
        for state in ("due", "waiting", "leased", "failing", "dead"):
            keys.add_metric((state,), getattr(counts, state))
        yield keys
        yield GaugeMetricFamily("tieout_oldest_due_seconds", "Age of the longest due key", value=counts.oldest_due_s)
        yield CounterMetricFamily("tieout_journal_entries", "Entries of the journal", value=head.n)
        linked = GaugeMetricFamily("tieout_links", "Counterparts by role and state", labels=("role", "state"))
        for (role, state), count in links.items():
            linked.add_metric((role, state), count)
        yield linked
        yield GaugeMetricFamily("tieout_conflicts_open", "Fields on which a person must choose", value=conflicts)
        held = GaugeMetricFamily("tieout_records", "Records by state", labels=("audit", "kind", "status"))
        for labels, count in records.items():
            held.add_metric(labels, count)
        yield held
