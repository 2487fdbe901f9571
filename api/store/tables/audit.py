"""What the record is checked against, and what was taken out of it."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
)

from api.store.tables.base import metadata
from api.store.tables.cases import cases, incidents

# A chain of its own: each anchor is the hash of the heads of cases that had changed, on top of the
# anchor before it. Append-only, like the events.
anchors = Table(
    "anchors",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

# No foreign key to the case: one that somebody removes is to be missed.
anchor_heads = Table(
    "anchor_heads",
    metadata,
    Column("anchor", ForeignKey(anchors.c.seq), primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Index(None, "case_id"),
)

# Who called 12345, apart from the report, so that it can be erased.
reporters = Table(
    "reporters",
    metadata,
    Column("incident_id", ForeignKey(incidents.c.id), primary_key=True),
    Column("name", String),
    Column("phone", String),
    Column("erased_at", DateTime(timezone=True)),
    CheckConstraint(
        "erased_at IS NULL OR (name IS NULL AND phone IS NULL)", name="erased_or_whole"
    ),
)

# What was erased, by whom and on which ground; never a word of it.
erasures = Table(
    "erasures",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", ForeignKey(cases.c.id), nullable=False),
    Column("what", String, nullable=False),
    Column("ground", String, nullable=False),
    Column("account", String, nullable=False),
    Column("role", String),
    Column("at", DateTime(timezone=True), nullable=False),
    Index(None, "case_id"),
)
