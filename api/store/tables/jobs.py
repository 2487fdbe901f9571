"""The queue of jobs, which is procrastinate's own (migration 0007), and what the worker has seen.

The queue is in none of our metadata: its tables are the library's to change, not alembic's.
"""

from sqlalchemy import BigInteger, Column, DateTime, MetaData, String, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from api.store.tables.base import metadata

jobs = Table(
    "procrastinate_jobs",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("queue_name", String, nullable=False),
    Column("task_name", String, nullable=False),
    Column("queueing_lock", String),
    Column("args", JSONB, nullable=False),
    Column("status", String, nullable=False),
    Column("scheduled_at", DateTime(timezone=True)),
)

# The versions of the working calendar by which all open cases have been clocked again.
calendars = Table(
    "calendars",
    metadata,
    Column("version", String, primary_key=True),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
