"""Anchors of the chains of cases; who called, apart from the report; what was erased, and why.

Anchors name cases by id and not by a foreign key: a case that somebody removes stays in them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT '*' = ANY (gridmap.keys()))"
OF_AN_INCIDENT = "EXISTS (SELECT FROM gridmap.incidents i WHERE i.id = incident_id)"
# Whom a caller's name and number are shown to: who has an area of the case's audience, which no
# department has, and the office that convenes it.
CONVENERS = """(SELECT '*' = ANY (gridmap.keys())) OR EXISTS (
    SELECT FROM gridmap.incidents i JOIN gridmap.cases c ON c.id = i.case_id
    WHERE i.id = incident_id AND (
        'unit:' || c.convener = ANY ((SELECT gridmap.keys())::text[])
        OR EXISTS (SELECT FROM unnest((SELECT gridmap.keys())::text[]) key
                   WHERE key LIKE 'area:%' AND key = ANY (c.audience))))"""


def upgrade() -> None:
    make_anchors()
    make_reporters()
    make_erasures()
    grant()


def make_anchors() -> None:
    op.add_column(
        "cases",
        sa.Column("anchored", sa.Integer(), server_default=sa.text("0"), nullable=False),
        schema="gridmap",
    )
    op.create_index(
        "ix_cases_unanchored",
        "cases",
        ["id"],
        schema="gridmap",
        postgresql_where=sa.text("anchored <> version"),
    )
    op.create_table(
        "anchors",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_anchors")),
        schema="gridmap",
    )
    op.create_table(
        "anchor_heads",
        sa.Column("anchor", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["anchor"], ["gridmap.anchors.seq"], name=op.f("fk_anchor_heads_anchor_anchors")
        ),
        sa.PrimaryKeyConstraint("anchor", "case_id", name=op.f("pk_anchor_heads")),
        schema="gridmap",
    )
    op.create_index(op.f("ix_anchor_heads_case_id"), "anchor_heads", ["case_id"], schema="gridmap")
    for table in ("anchors", "anchor_heads"):
        secure(table)
        op.execute(f"CREATE POLICY shown ON gridmap.{table} USING ({EVERYTHING})")


def make_reporters() -> None:
    op.create_table(
        "reporters",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "erased_at IS NULL OR (name IS NULL AND phone IS NULL)",
            name=op.f("ck_reporters_erased_or_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["gridmap.incidents.id"],
            name=op.f("fk_reporters_incident_id_incidents"),
        ),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_reporters")),
        schema="gridmap",
    )
    secure("reporters")
    op.execute(f"CREATE POLICY given ON gridmap.reporters FOR INSERT WITH CHECK ({OF_AN_INCIDENT})")
    op.execute(f"CREATE POLICY shown ON gridmap.reporters FOR SELECT USING ({CONVENERS})")
    op.execute(f"CREATE POLICY erased ON gridmap.reporters FOR UPDATE USING ({OF_AN_INCIDENT})")


def make_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gridmap.cases.id"], name=op.f("fk_erasures_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        schema="gridmap",
    )
    op.create_index(op.f("ix_erasures_case_id"), "erasures", ["case_id"], schema="gridmap")
    secure("erasures")
    of_a_case = f"{EVERYTHING} OR EXISTS (SELECT FROM gridmap.cases c WHERE c.id = case_id)"
    op.execute(f"CREATE POLICY shown ON gridmap.erasures USING ({of_a_case})")


def secure(table: str) -> None:
    op.execute(f"ALTER TABLE gridmap.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE gridmap.{table} FORCE ROW LEVEL SECURITY")


def grant() -> None:
    """Let the service add anchors and erasures, and take nothing of either back."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT SELECT, INSERT ON gridmap.anchors, gridmap.anchor_heads, gridmap.erasures,
                    gridmap.reporters TO gridmap_service;
                GRANT UPDATE (name, phone, erased_at) ON gridmap.reporters TO gridmap_service;
                GRANT UPDATE (anchored) ON gridmap.cases TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    for table in ("erasures", "reporters", "anchor_heads", "anchors"):
        op.drop_table(table, schema="gridmap")
    op.drop_index("ix_cases_unanchored", table_name="cases", schema="gridmap")
    op.drop_column("cases", "anchored", schema="gridmap")
