"""Who there is."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    String,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from api.store.tables.accounts import accounts
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

# Nobody's name stands here: what makes an id a person is in `staff_names` and can be erased.
staff = Table(
    "staff",
    metadata,
    Column("id", String, primary_key=True),
    Column("unit", String, nullable=False),
    Column("roles", ARRAY(String), nullable=False),
    Column("areas", ARRAY(String), nullable=False),
    Column("shifts", ARRAY(String), nullable=False),
    Column("account_id", ForeignKey(accounts.c.id)),
    Column("demonstration", Boolean, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Index("ix_staff_areas", "areas", postgresql_using="gin"),
)

staff_names = Table(
    "staff_names",
    metadata,
    Column("staff_id", ForeignKey(staff.c.id, ondelete="CASCADE"), primary_key=True),
    Column("name", String, nullable=False),
)

# Where somebody was last, and nothing of where before.
positions = Table(
    "positions",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id), primary_key=True),
    Column("lng", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("accuracy_m", Double),
    Column("at", DateTime(timezone=True), nullable=False),
    Index(None, "at"),
)
