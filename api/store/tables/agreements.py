"""Who leads where borders are disputed: policies, and agreements with all that happened to them."""

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
    Index,
    Integer,
    String,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from api.store.tables.base import SRID, metadata

# Documents as they were imported; never edited, only superseded.
policies = Table(
    "policies",
    metadata,
    Column("version", String, primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("activated_at", DateTime(timezone=True)),
    Column("active", Boolean, nullable=False, server_default=text("false")),
    Index("uq_policies_active", "active", unique=True, postgresql_where=text("active")),
)

# The terms; append-only, where an agreement stands is told by its events.
agreements = Table(
    "agreements",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("stretch", Geometry("GEOMETRY", srid=SRID, spatial_index=False), nullable=False),
    Column("stretch_kind", String, nullable=False),
    Column("given_crs", String, nullable=False),
    Column("reach_m", Double, nullable=False),
    Column("parties", ARRAY(String), nullable=False),
    Column("lead_code", String, nullable=False),
    Column("categories", ARRAY(String), nullable=False),
    Column("hours", JSONB, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    CheckConstraint("cardinality(parties) >= 2", name="has_parties"),
    CheckConstraint("lead_code = ANY (parties)", name="lead_is_party"),
    CheckConstraint("valid_until >= valid_from", name="ends_after_it_begins"),
    Index("ix_agreements_stretch", "stretch", postgresql_using="gist"),
)

agreement_events = Table(
    "agreement_events",
    metadata,
    Column("agreement_id", ForeignKey(agreements.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", String, nullable=False),
    Column("party", String),
    Column("reason", String, nullable=False),
    # Each party signs once; it comes into force and ends once.
    Index(
        "uq_agreement_events_once",
        "agreement_id",
        "kind",
        text("coalesce(party, '')"),
        unique=True,
    ),
)
