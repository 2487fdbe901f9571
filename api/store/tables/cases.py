"""What happened: reports, cases and their events."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    Sequence,
    String,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from api.store.tables.base import metadata, place_column
from api.store.tables.boundaries import releases

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
    # An open case has exactly one holder at every instant: one column, never null.
    Column("holder_code", String, nullable=False),
    Column("step", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("open_summons", Integer, nullable=False),
    Column("whistle_blown_at", DateTime(timezone=True)),
    Column("next_due_at", DateTime(timezone=True)),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
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
    Column("actor", String, nullable=False),
    Column("data", JSONB, nullable=False),
)

# One row per report that was acknowledged: a repeat with the same key finds its incident.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("incident_id", ForeignKey(incidents.c.id), nullable=False),
    Column("joined", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
