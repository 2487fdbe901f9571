"""Who was told of what, and what they have read."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    text,
)

from api.store.tables.agreements import agreements
from api.store.tables.base import metadata

# One row per event and key: whoever has the key is told, and sent a mail if they have an address.
notices = Table(
    "notices",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", Uuid),
    Column("seq", Integer),
    # Or of an agreement, which runs out in so many days.
    Column("agreement_id", ForeignKey(agreements.c.id)),
    Column("days", Integer),
    Column("key", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("mailed", Boolean, nullable=False, server_default=text("false")),
    ForeignKeyConstraint(["case_id", "seq"], ["gridmap.events.case_id", "gridmap.events.seq"]),
    CheckConstraint(
        "(case_id IS NULL) = (seq IS NULL) AND (agreement_id IS NULL) = (days IS NULL)"
        " AND (case_id IS NULL) <> (agreement_id IS NULL)",
        name="about_one",
    ),
    Index(None, "key", "id"),
    Index(
        "uq_notices_expiry",
        "agreement_id",
        "days",
        "key",
        unique=True,
        postgresql_where=text("agreement_id IS NOT NULL"),
    ),
    Index(None, "case_id", "seq"),
    Index("ix_notices_unmailed", "id", postgresql_where=text("NOT mailed")),
)

notice_reads = Table(
    "notice_reads",
    metadata,
    Column("account", String, primary_key=True),
    Column("notice_id", ForeignKey(notices.c.id), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
)
