"""What is sent to others afterwards: webhooks with their deliveries, mails."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    text,
)

from api.store.tables.accounts import accounts
from api.store.tables.base import metadata


def _sending() -> tuple[Column[Any], ...]:
    """How far something is that is sent until it arrives, or given up."""
    return (
        Column("at", DateTime(timezone=True), nullable=False),
        Column("state", String, nullable=False, server_default=text("'waiting'")),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("next_at", DateTime(timezone=True)),
        Column("sent_at", DateTime(timezone=True)),
        Column("error", String),
    )


# Who is told of the events of an area and all below it. The secret signs, so it is kept as it is;
# it is emptied when the webhook ends.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("url", String, nullable=False),
    Column("area_code", String, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("webhook_id", ForeignKey(webhooks.c.id), nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    *_sending(),
    ForeignKeyConstraint(["case_id", "seq"], ["gridmap.events.case_id", "gridmap.events.seq"]),
    Index(None, "webhook_id", "state", "at"),
    Index("ix_deliveries_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
)

# One mail to one account about some of its notices.
mails = Table(
    "mails",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", ForeignKey(accounts.c.id), nullable=False),
    Column("notices", ARRAY(BigInteger), nullable=False),
    *_sending(),
    Index("ix_mails_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
)
