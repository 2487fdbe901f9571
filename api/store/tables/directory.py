"""Who there is."""

from sqlalchemy import Boolean, Column, DateTime, Index, String, Table, text

from api.store.tables.base import metadata

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
