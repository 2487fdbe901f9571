"""What happened: reports, cases and their events."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from api.store.tables.base import SRID, metadata, place_column
from api.store.tables.boundaries import releases

# The end of what has none; an infinite instant is none that Python knows.
FOREVER = text("'9999-01-01 00:00+00'")

case_numbers = Sequence("case_numbers", metadata=metadata)

# What a case was decided with and where it stands now; the truth is its events.
cases = Table(
    "cases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", String, nullable=False, unique=True),
    Column("category", String, nullable=False),
    place_column(),
    Column("place_kind", String, nullable=False),
    Column("given_crs", String, nullable=False),
    Column("accuracy_m", Double),
    Column("release_id", ForeignKey(releases.c.id), nullable=False),
    Column("catalogue", String, nullable=False),
    Column("attribution", JSONB, nullable=False),
    Column("decision", JSONB, nullable=False),
    Column("plan", JSONB, nullable=False),
    # A case has exactly one holder at every instant: one column, never null, that must be the one
    # of the tenure without an end.
    Column("holder_code", String, nullable=False),
    Column("held_until_at", DateTime(timezone=True), nullable=False, server_default=FOREVER),
    Column("convener", String),
    Column("step", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("open_summons", Integer, nullable=False),
    Column("whistle_blown_at", DateTime(timezone=True)),
    Column("next_due_at", DateTime(timezone=True)),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    # Codes of the areas concerned with all above them, and the keys that open the case.
    Column("areas", ARRAY(Text), nullable=False),
    Column("audience", ARRAY(Text), nullable=False),
    Column("confidential", Boolean, nullable=False, server_default=text("false")),
    Column("head", LargeBinary, nullable=False),  # the hash of the latest event
    Column("next_moment_at", DateTime(timezone=True)),  # when the worker looks at it again
    Column("merged_into", ForeignKey("gridmap.cases.id")),
    Column("anchored", Integer, nullable=False, server_default=text("0")),  # up to which version
    ForeignKeyConstraint(
        ["id", "holder_code", "held_until_at"],
        ["gridmap.tenures.case_id", "gridmap.tenures.holder_code", "gridmap.tenures.until_at"],
        deferrable=True,
        initially="DEFERRED",
        use_alter=True,
    ),
    CheckConstraint("held_until_at = '9999-01-01 00:00+00'", name="held_now"),
    CheckConstraint("holder_code <> ''", name="has_holder"),
    CheckConstraint("closed_at IS NULL OR open_summons = 0", name="closed_when_done"),
    Index(
        "ix_cases_open_place",
        "place",
        postgresql_using="gist",
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "ix_cases_open_due", "next_due_at", "opened_at", postgresql_where=text("closed_at IS NULL")
    ),
    Index("ix_cases_opened_at", "opened_at", "id"),
    Index("ix_cases_audience", "audience", postgresql_using="gin"),
    Index(
        "ix_cases_open_holder",
        "holder_code",
        "next_due_at",
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "ix_cases_next_moment_at",
        "next_moment_at",
        postgresql_where=text("next_moment_at IS NOT NULL"),
    ),
    Index("ix_cases_unanchored", "id", postgresql_where=text("anchored <> version")),
    Index("ix_cases_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    # With the one of open cases: which case a later one of the same item repeats.
    Index(
        "ix_cases_closed_place",
        "place",
        postgresql_using="gist",
        postgresql_where=text("closed_at IS NOT NULL"),
    ),
    Index("ix_cases_closed_at", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", ForeignKey(cases.c.id), nullable=False),
    Column("category", String, nullable=False),
    place_column(),
    Column("place_kind", String, nullable=False),
    Column("given_crs", String, nullable=False),
    Column("accuracy_m", Double),
    Column("text", String, nullable=False),
    Column("source", String, nullable=False),
    Column("reporter", String, nullable=False),  # the account
    Column("intake_code", String),
    Column("filings", JSONB, nullable=False),
    Column("sides", String, nullable=False),
    Column("owner", String),  # unit id of whose a part is
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Index(None, "case_id"),
    Index("ix_incidents_place", "place", postgresql_using="gist"),
)

# Append-only: the service may insert and select, nothing else.
events = Table(
    "events",
    metadata,
    Column("case_id", ForeignKey(cases.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", String, nullable=False),  # the account
    Column("role", String),
    Column("unit", String),
    Column("data", JSONB, nullable=False),
    Column("hash", LargeBinary, nullable=False),  # of this event on top of the one before
)

# What people wrote in an event, apart from it: erased, the digest in the chain stays.
event_texts = Table(
    "event_texts",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("salt", LargeBinary),
    Column("texts", JSONB),
    Column("erased_at", DateTime(timezone=True)),
    Column("erased_by", String),
    ForeignKeyConstraint(["case_id", "seq"], ["gridmap.events.case_id", "gridmap.events.seq"]),
    CheckConstraint(
        "(erased_at IS NULL) = (texts IS NOT NULL)"
        " AND (erased_at IS NULL) = (salt IS NOT NULL)"
        " AND (erased_at IS NULL) = (erased_by IS NULL)",
        name="erased_or_whole",
    ),
)

# Who held a case when. A chain by foreign key: each tenure begins at the instant the one before
# it ended, one begins it all, one has no end; so there is never a moment with no holder or two.
tenures = Table(
    "tenures",
    metadata,
    Column("case_id", ForeignKey(cases.c.id), primary_key=True),
    Column("holder_code", String, nullable=False),
    Column("from_at", DateTime(timezone=True), nullable=False),
    Column("until_at", DateTime(timezone=True), primary_key=True, server_default=FOREVER),
    Column("previous_until_at", DateTime(timezone=True)),
    CheckConstraint("from_at < until_at", name="lasts"),
    CheckConstraint("previous_until_at = from_at", name="no_gap"),
    ForeignKeyConstraint(
        ["case_id", "previous_until_at"],
        ["gridmap.tenures.case_id", "gridmap.tenures.until_at"],
        deferrable=True,
        initially="DEFERRED",
    ),
    UniqueConstraint("case_id", "previous_until_at", postgresql_nulls_not_distinct=True),
    UniqueConstraint("case_id", "holder_code", "until_at"),
)

# Every summons as it stands, for the queues of units and the figures; rebuilt from the events.
summons = Table(
    "summons",
    metadata,
    Column("case_id", ForeignKey(cases.c.id), primary_key=True),
    Column("id", String, primary_key=True),
    Column("whistle", String, nullable=False),
    Column("whistle_kind", String, nullable=False),
    Column("convener", String),
    Column("unit_id", String, nullable=False),
    Column("unit_kind", String, nullable=False),
    Column("unit_area", String, nullable=False),
    Column("role", String, nullable=False),
    Column("state", String, nullable=False),
    Column("called_at", DateTime(timezone=True), nullable=False),
    Column("respond_by", DateTime(timezone=True)),
    Column("arrive_by", DateTime(timezone=True)),
    Column("finish_by", DateTime(timezone=True)),
    Column("responded_at", DateTime(timezone=True)),
    Column("arrived_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Column("next_due_at", DateTime(timezone=True)),
    Column("left_early", Boolean, nullable=False),
    Column("wrong_places", Integer, nullable=False),
    Column("score", Integer),
    Index(
        "ix_summons_open_unit",
        "unit_id",
        "next_due_at",
        postgresql_where=text("state IN ('called', 'responded', 'arrived')"),
    ),
    Index(None, "unit_id", "called_at"),
)

# What a side shows: a text, a file (kept outside, by its hash), a survey of the line.
evidence = Table(
    "evidence",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", ForeignKey(cases.c.id), nullable=False),
    Column("kind", String, nullable=False),
    Column("title", String),
    Column("text", String),
    Column("media_type", String),
    Column("sha256", LargeBinary),
    Column("size", Integer),
    Column("geom", Geometry("GEOMETRY", srid=SRID, spatial_index=False)),
    Column("surveyed_on", Date),
    Column("surveyed_by", String),
    Column("account", String, nullable=False),
    Column("unit", String),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("erased_at", DateTime(timezone=True)),
    Index(None, "case_id"),
)

# One row per report that was acknowledged: a repeat with the same key finds its incident. Every
# account's keys are its own, so that a key tells nobody of somebody else's report.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("account", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("incident_id", ForeignKey(incidents.c.id), nullable=False),
    Column("case_id", ForeignKey(cases.c.id), nullable=False),
    Column("joined", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
