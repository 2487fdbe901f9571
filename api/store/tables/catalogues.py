"""Problem lists: every version whole, one of them active."""

from sqlalchemy import Boolean, Column, DateTime, Index, String, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from api.store.tables.base import metadata

# Never edited, only superseded: a case names the version that it was decided with.
catalogues = Table(
    "catalogues",
    metadata,
    Column("version", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("activated_at", DateTime(timezone=True)),
    Column("active", Boolean, nullable=False, server_default=text("false")),
    Index("uq_catalogues_active", "active", unique=True, postgresql_where=text("active")),
)
