"""Who was told of what, and what they have read.

A notice shows itself to who has its key and sees its case: one that was written before a case
became confidential tells nobody else of it any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT '*' = ANY (gridmap.keys()))"
OF_A_CASE = "EXISTS (SELECT FROM gridmap.cases c WHERE c.id = case_id)"


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "seq"],
            ["gridmap.events.case_id", "gridmap.events.seq"],
            name=op.f("fk_notices_case_id_seq_events"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        schema="gridmap",
    )
    op.create_index(op.f("ix_notices_key_id"), "notices", ["key", "id"], schema="gridmap")
    op.create_index(op.f("ix_notices_case_id_seq"), "notices", ["case_id", "seq"], schema="gridmap")
    op.create_index(
        "ix_notices_unmailed",
        "notices",
        ["id"],
        schema="gridmap",
        postgresql_where=sa.text("NOT mailed"),
    )
    op.create_table(
        "notice_reads",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["gridmap.notices.id"], name=op.f("fk_notice_reads_notice_id_notices")
        ),
        sa.PrimaryKeyConstraint("account", "notice_id", name=op.f("pk_notice_reads")),
        schema="gridmap",
    )
    secure()
    grant()


def secure() -> None:
    for table in ("notices", "notice_reads"):
        op.execute(f"ALTER TABLE gridmap.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE gridmap.{table} FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY shown ON gridmap.notices FOR SELECT USING"
        f" ({EVERYTHING} OR key = ANY ((SELECT gridmap.keys())::text[]) AND {OF_A_CASE})"
    )
    op.execute(
        f"CREATE POLICY told ON gridmap.notices FOR INSERT WITH CHECK ({EVERYTHING} OR {OF_A_CASE})"
    )
    op.execute(f"CREATE POLICY mailed ON gridmap.notices FOR UPDATE USING ({EVERYTHING})")
    op.execute(f"CREATE POLICY gone ON gridmap.notices FOR DELETE USING ({EVERYTHING})")
    op.execute(
        "CREATE POLICY own ON gridmap.notice_reads USING"
        f" ({EVERYTHING} OR 'account:' || account = ANY ((SELECT gridmap.keys())::text[]))"
    )


def grant() -> None:
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT SELECT, INSERT ON gridmap.notices, gridmap.notice_reads TO gridmap_service;
                GRANT UPDATE (mailed) ON gridmap.notices TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    op.drop_table("notice_reads", schema="gridmap")
    op.drop_table("notices", schema="gridmap")
