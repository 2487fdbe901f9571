"""Notices of agreements that run out, which belong to no case."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT '*' = ANY (gridmap.keys()))"
OF_A_CASE = "EXISTS (SELECT FROM gridmap.cases c WHERE c.id = case_id)"
MINE = "key = ANY ((SELECT gridmap.keys())::text[])"


def upgrade() -> None:
    for column in ("case_id", "seq"):
        op.alter_column("notices", column, nullable=True, schema="gridmap")
    op.add_column(
        "notices", sa.Column("agreement_id", sa.String(), nullable=True), schema="gridmap"
    )
    op.add_column("notices", sa.Column("days", sa.Integer(), nullable=True), schema="gridmap")
    op.create_foreign_key(
        op.f("fk_notices_agreement_id_agreements"),
        "notices",
        "agreements",
        ["agreement_id"],
        ["id"],
        source_schema="gridmap",
        referent_schema="gridmap",
    )
    op.create_check_constraint(
        op.f("ck_notices_about_one"),
        "notices",
        "(case_id IS NULL) = (seq IS NULL) AND (agreement_id IS NULL) = (days IS NULL)"
        " AND (case_id IS NULL) <> (agreement_id IS NULL)",
        schema="gridmap",
    )
    op.create_index(
        "uq_notices_expiry",
        "notices",
        ["agreement_id", "days", "key"],
        unique=True,
        schema="gridmap",
        postgresql_where=sa.text("agreement_id IS NOT NULL"),
    )
    op.execute("DROP POLICY shown ON gridmap.notices")
    op.execute(
        "CREATE POLICY shown ON gridmap.notices FOR SELECT USING"
        f" ({EVERYTHING} OR {MINE} AND (case_id IS NULL OR {OF_A_CASE}))"
    )


def downgrade() -> None:
    op.execute("DROP POLICY shown ON gridmap.notices")
    op.execute(
        "CREATE POLICY shown ON gridmap.notices FOR SELECT USING"
        f" ({EVERYTHING} OR {MINE} AND {OF_A_CASE})"
    )
    op.execute(
        "DELETE FROM gridmap.notice_reads WHERE notice_id IN"
        " (SELECT id FROM gridmap.notices WHERE case_id IS NULL)"
    )
    op.execute("DELETE FROM gridmap.notices WHERE case_id IS NULL")
    op.drop_index("uq_notices_expiry", table_name="notices", schema="gridmap")
    op.drop_constraint("ck_notices_about_one", "notices", schema="gridmap")
    op.drop_column("notices", "days", schema="gridmap")
    op.drop_column("notices", "agreement_id", schema="gridmap")
    for column in ("case_id", "seq"):
        op.alter_column("notices", column, nullable=False, schema="gridmap")
