"""The queue of jobs, in procrastinate's own words, and the calendars that cases were clocked by.

The queue stands in the schema ``public``, where the library looks for it. A later version of it
that changes its schema gets a migration of ours that runs the library's own.
"""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("jobs", "events", "periodic_defers", "workers")


def upgrade() -> None:
    op.execute(sa.text(SchemaManager.get_schema()))
    # A transaction that notifies commits under one lock of the whole server, so that reports could
    # not share a flush of the log. Most of our jobs are for later; the worker asks every second.
    op.execute("DROP TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 ON procrastinate_jobs")
    op.create_table(
        "calendars",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_calendars")),
        schema="gridmap",
    )
    grant()


def grant() -> None:
    """Let the service enqueue and the worker, which has the same role, do the jobs."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_jobs,
                    procrastinate_periodic_defers, procrastinate_workers TO gridmap_service;
                GRANT SELECT, INSERT ON procrastinate_events TO gridmap_service;
                GRANT USAGE ON SEQUENCE procrastinate_jobs_id_seq, procrastinate_events_id_seq,
                    procrastinate_periodic_defers_id_seq TO gridmap_service;
                GRANT SELECT, INSERT, UPDATE ON gridmap.calendars TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    op.drop_table("calendars", schema="gridmap")
    for table in TABLES:
        op.execute(f"DROP TABLE procrastinate_{table} CASCADE")
    op.execute(
        r"""
        DO $$ DECLARE what text; BEGIN
            FOR what IN SELECT oid::regprocedure FROM pg_proc WHERE proname ~ '^procrastinate_'
            LOOP EXECUTE 'DROP FUNCTION ' || what; END LOOP;
        END $$
        """
    )
    for kind in ("job_to_defer_v1", "job_status", "job_event_type"):
        op.execute(f"DROP TYPE procrastinate_{kind}")
