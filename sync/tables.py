"""The tables of the register's database. The columns of a value's table are the fields of that value.

`sync.migrations` makes them; a test holds the two equal on both databases.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mappings.brakes import Sign
from mappings.provision import ThingKind
from mappings.records import Kind, LinkRole, LinkState, Side, Visibility

from .column_types import Fields, Moment, OneValue, Term, Texts, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

person = Table(
    "person",
    metadata,
    Column("key", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("email", Words),
    Column("account_id", Words),
    Column("manager", Words),
)

record = Table(
    "record",
    metadata,
    Column("uid", Text, primary_key=True),
    Column("kind", Term(Kind), nullable=False),
    Column("audit", Text, nullable=False),
    Column("number", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("status", Text, nullable=False),
    Column("parent", ForeignKey("record.uid"), index=True),
    Column("version", Integer, nullable=False),
    Column("description", Words, nullable=False),
    Column("criteria", Texts, nullable=False),
    Column("controls", Texts, nullable=False),
    Column("category", Words, nullable=False),
    Column("request_type", Words, nullable=False),
    Column("team", Words, nullable=False),
    Column("owner", Words),
    Column("reviewer", Words),
    Column("reviewed_by", Words),
    Column("watchers", Texts, nullable=False),
    Column("priority", Text, nullable=False),
    Column("priority_before", Text),
    Column("due_on", Date),
    Column("auditor_due_on", Date),
    Column("due_version", Integer, nullable=False),
    Column("extension_on", Date),
    Column("period_start", Date),
    Column("period_end", Date),
    Column("status_before", Text),
    Column("escalation_level", Integer, nullable=False),
    Column("raised_by", Words),
    Column("reason", Words, nullable=False),
    Column("is_proposed_withdrawn", Boolean, nullable=False),
    Column("clock_stopped_on", Date),
    Column("clock_paused_days", Integer, nullable=False),
    Column("extra", Fields, nullable=False),
    UniqueConstraint("audit", "number"),
)

_is_live = text("state = 'live'")

link = Table(
    "link",
    metadata,
    Column("record", ForeignKey("record.uid"), primary_key=True),
    Column("role", Term(LinkRole), primary_key=True),
    Column("state", Term(LinkState), nullable=False),
    Column("remote_id", Words),
    Column("key", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("intent_at", Moment),
    Column("intent_number", Integer, nullable=False),
    Column("remote_version", Integer, nullable=False),
    Column("tried", Fields),
    Column("base_ours", Fields, nullable=False),
    Column("base_theirs", Fields, nullable=False),
    Column("agreed_at", Moment),
    Column("detached_reason", Words, nullable=False),
    Column("overtaken", Fields),
    Column("seen_change", BigInteger),
    Index("ix_link_remote_id", "remote_id", "role"),
    # One remote object is the counterpart of one record.
    Index("uq_link_live", "role", "remote_id", unique=True, sqlite_where=_is_live, postgresql_where=_is_live),
)

comment = Table(
    "comment",
    metadata,
    Column("uid", Text, primary_key=True),
    Column("record", ForeignKey("record.uid"), nullable=False, index=True),
    Column("side", Term(Side), nullable=False),
    Column("origin_id", Words),
    Column("author", Words, nullable=False),
    Column("author_name", Words, nullable=False),
    Column("visibility", Term(Visibility), nullable=False),
    Column("text", Words, nullable=False),
    Column("said_at", Moment, nullable=False),
    Column("mentions", Texts, nullable=False),
    Column("reply_to", Words),
    UniqueConstraint("side", "origin_id"),
)

comment_copy = Table(
    "comment_copy",
    metadata,
    Column("comment", ForeignKey("comment.uid"), primary_key=True),
    Column("record", ForeignKey("record.uid"), primary_key=True, index=True),
    Column("role", Term(LinkRole), primary_key=True),
    Column("remote_id", Words),
    Column("attempted_at", Moment),
)

evidence = Table(
    "evidence",
    metadata,
    Column("uid", Text, primary_key=True),
    Column("request", ForeignKey("record.uid"), nullable=False),
    Column("task", ForeignKey("record.uid")),
    Column("file_name", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("collector", Words, nullable=False),
    Column("collected_at", Moment, nullable=False),
    Column("side", Term(Side), nullable=False),
    Column("source_id", Words, nullable=False),
    Column("is_released", Boolean, nullable=False),
    Column("copy_id", Words),
    Column("copy_version", Integer),
    Column("copy_begun_at", Moment),
    Column("copied_at", Moment),
    UniqueConstraint("request", "file_name", "version"),
)

evidence_source = Table(
    "evidence_source",
    metadata,
    Column("side", Term(Side), primary_key=True),
    Column("source_id", Words, primary_key=True),
    Column("evidence", ForeignKey("evidence.uid"), nullable=False),
)

decision = Table(
    "decision",
    metadata,
    Column("uid", Text, primary_key=True),
    Column("request", ForeignKey("record.uid"), nullable=False, index=True),
    Column("verdict", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("by", Words, nullable=False),
    Column("by_name", Words, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("page_version", Integer, nullable=False),
    Column("evidence", Texts, nullable=False),
    Column("comment_id", Words, nullable=False),
)

fired_step = Table(
    "fired_step",
    metadata,
    Column("record", ForeignKey("record.uid"), primary_key=True),
    Column("due_version", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("fired_at", Moment, nullable=False),
)

_is_open = text("settled_at IS NULL")

conflict = Table(
    "conflict",
    metadata,
    Column("uid", Text, primary_key=True),
    Column("record", ForeignKey("record.uid"), nullable=False, index=True),
    Column("role", Term(LinkRole), nullable=False),
    Column("field", Text, nullable=False),
    Column("ours", OneValue, nullable=False),
    Column("theirs", OneValue, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("settled_by", Words),
    Column("kept", Text),
    Index("uq_conflict_open", "record", "role", "field", unique=True, sqlite_where=_is_open, postgresql_where=_is_open),
)

# What is hashed must be what is stored: `at`, `before` and `after` are therefore text here.
journal = Table(
    "journal",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("who", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("record", Words, index=True),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("why", Words, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

journal_head = Table(
    "journal_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("n", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

_is_due_some_day = text("due_at IS NOT NULL")
_is_failing = text("failing_since IS NOT NULL")

work = Table(
    "work",
    metadata,
    Column("key", Text, primary_key=True),
    Column("lane", Integer, nullable=False),
    Column("facets", BigInteger, nullable=False),
    Column("wanted", BigInteger, nullable=False),
    Column("claimed", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("run_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("lease_owner", Text),
    Column("fence", BigInteger, nullable=False),
    Column("claimed_facets", BigInteger, nullable=False),
    Column("every_s", Integer),
    Column("is_dead", Boolean, nullable=False),
    Column("last_error", Words),
    Column("failed_at", Moment),
    Column("failing_since", Moment),
    Column("claimed_with", Integer),
    Index("ix_work_failing", "failing_since", sqlite_where=_is_failing, postgresql_where=_is_failing),
    Index("ix_work_due", "lane", "due_at", sqlite_where=_is_due_some_day, postgresql_where=_is_due_some_day),
    postgresql_with={"fillfactor": 70},  # one hot row a key: leave room for its next version on the same page
)

rate_limit = Table(
    "rate_limit",
    metadata,
    Column("name", Text, primary_key=True),
    Column("full_at", Moment),
    Column("held_until", Moment),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    Column("claimed_until", Moment),
    Column("ended", Words, nullable=False),
)
"""`sealed` are the tokens, `ends_at` is when the access token ends; `ended` says why nothing more can be fetched."""

delivery = Table(
    "delivery",
    metadata,
    Column("sender", Text, primary_key=True),
    Column("delivery_id", Words, primary_key=True),
    Column("body_sha256", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False, index=True),
    UniqueConstraint("sender", "body_sha256"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)

seen = Table(
    "seen",
    metadata,
    Column("side", Term(Side), primary_key=True),
    Column("remote_id", Words, primary_key=True),
    Column("changed_at", Moment, nullable=False, index=True),
)

import_file = Table(
    "import_file",
    metadata,
    Column("audit", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("file_name", Words, nullable=False),
    Column("imported_by", Words, nullable=False),
    Column("imported_at", Moment, nullable=False),
    Column("counts", Fields, nullable=False),
)

alert = Table(
    "alert",
    metadata,
    Column("name", Text, primary_key=True),
    Column("text", Words, nullable=False),
    Column("raised_at", Moment, nullable=False),
)

provisioned = Table(
    "provisioned",
    metadata,
    Column("name", Words, primary_key=True),
    Column("kind", Term(ThingKind), nullable=False),
    Column("remote_id", Words),
    Column("said", Fields, nullable=False),
    Column("intent_at", Moment),
    Column("was_there", Boolean, nullable=False),
)

pause = Table(
    "pause",
    metadata,
    Column("site", Text, primary_key=True),
    Column("reason", Words, nullable=False),
    Column("paused_at", Moment, nullable=False),
)

brake = Table(
    "brake",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Term(LinkRole), nullable=False),
    Column("sign", Term(Sign), nullable=False),
    Column("seen", Texts, nullable=False),
    Column("text", Words, nullable=False),
    Column("pulled_at", Moment, nullable=False),
    Column("released_at", Moment),
    Column("released_by", Words, nullable=False),
    Column("spared", Texts, nullable=False),
)

first_plan = Table(
    "first_plan",
    metadata,
    Column("audit", Text, primary_key=True),
    Column("shown_by", Words, nullable=False),
    Column("how", Text, nullable=False),
    Column("shown_at", Moment, nullable=False),
)
