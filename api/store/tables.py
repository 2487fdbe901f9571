"""The tables, as SQLAlchemy knows them; the migrations make them."""

from geoalchemy2 import Geometry
from sqlalchemy import (
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
    MetaData,
    Sequence,
    String,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "gridmap"

# Names that a migration can refer to later, whichever server made them up first.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(schema=SCHEMA, naming_convention=NAMING)

SRID = 4490  # CGCS2000


def _place() -> Column[object]:
    # The GiST index is named in the table, so that alembic and the reader see it.
    return Column("place", Geometry("GEOMETRY", srid=SRID, spatial_index=False), nullable=False)


# --- boundaries: frozen, superseded, never edited ---------------------------------------------

releases = Table(
    "releases",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("in_force_on", Date),
    Column("provenance", JSONB, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("activated_at", DateTime(timezone=True)),
    Column("active", Boolean, nullable=False, server_default=text("false")),
    # At most one release answers; swapping it is one transaction.
    Index("uq_releases_active", "active", unique=True, postgresql_where=text("active")),
)

layers = Table(
    "layers",
    metadata,
    Column("release_id", ForeignKey(releases.c.id, ondelete="CASCADE"), primary_key=True),
    Column("level", String, primary_key=True),
    Column("basis", String, nullable=False),
    Column("line_accuracy_m", Double),
)

areas = Table(
    "areas",
    metadata,
    Column("release_id", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("level", String, nullable=False),
    Column("name", String, nullable=False),
    Column("parent_code", String),
    Column("geom", Geometry("GEOMETRY", srid=SRID, spatial_index=False), nullable=False),
    ForeignKeyConstraint(
        ["release_id", "level"],
        ["gridmap.layers.release_id", "gridmap.layers.level"],
        ondelete="CASCADE",
    ),
    Index("ix_areas_geom", "geom", postgresql_using="gist"),
    Index(None, "release_id", "level"),
)

# --- who there is -----------------------------------------------------------------------------

units = Table(
    "units",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("area_code", String, nullable=False),
    Column("can_rule", Boolean, nullable=False),
    Column("demonstration", Boolean, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Index("uq_units_area_code_kind", "area_code", "kind", unique=True),
)

# --- what happened ----------------------------------------------------------------------------

case_numbers = Sequence("case_numbers", metadata=metadata)

# What a case was decided with and where it stands now; the truth is its events.
cases = Table(
    "cases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", String, nullable=False, unique=True),
    Column("category", String, nullable=False),
    _place(),
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
    Index("ix_cases_closed_at", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", ForeignKey(cases.c.id), nullable=False),
    Column("category", String, nullable=False),
    _place(),
    Column("place_kind", String, nullable=False),
    Column("given_crs", String, nullable=False),
    Column("accuracy_m", Double),
    Column("text", String, nullable=False),
    Column("source", String, nullable=False),
    Column("intake_code", String),
    Column("filings", JSONB, nullable=False),
    Column("sides", String, nullable=False),
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
