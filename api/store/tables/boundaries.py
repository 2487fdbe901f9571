"""Boundaries: frozen, superseded, never edited."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from api.store.tables.base import SRID, metadata

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
