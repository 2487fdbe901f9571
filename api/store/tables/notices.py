"""Who was told of what, and what they have read."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from api.store.tables.base import metadata

# One row per event and key: whoever has the key is told, and sent a mail if they have an address.
notices = Table(
    "notices",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("key", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("mailed", Boolean, nullable=False, server_default=text("false")),
    ForeignKeyConstraint(["case_id", "seq"], ["gridmap.events.case_id", "gridmap.events.seq"]),
    Index(None, "key", "id"),
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
