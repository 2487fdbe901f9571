"""Somebody's last position, by account and apart from the roster; staff may have an account."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None

LOCATED = "(lng IS NULL) = (lat IS NULL) AND (lng IS NULL) = (located_at IS NULL)"


def upgrade() -> None:
    # Nothing has ever written these four: a replaced roster would have lost them.
    op.drop_constraint(op.f("ck_staff_located"), "staff", schema="gridmap")
    for column in ("lng", "lat", "located_at", "accuracy_m"):
        op.drop_column("staff", column, schema="gridmap")
    op.add_column("staff", sa.Column("account_id", sa.Uuid(), nullable=True), schema="gridmap")
    op.create_foreign_key(
        op.f("fk_staff_account_id_accounts"),
        "staff",
        "accounts",
        ["account_id"],
        ["id"],
        source_schema="gridmap",
        referent_schema="gridmap",
    )
    op.create_table(
        "positions",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lng", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["gridmap.accounts.id"], name=op.f("fk_positions_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_positions")),
        schema="gridmap",
    )
    op.create_index(op.f("ix_positions_at"), "positions", ["at"], schema="gridmap")
    grant("SELECT, INSERT, UPDATE, DELETE ON gridmap.positions")


def grant(what: str) -> None:
    op.execute(
        f"""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT {what} TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    op.drop_table("positions", schema="gridmap")
    op.drop_constraint(op.f("fk_staff_account_id_accounts"), "staff", schema="gridmap")
    op.drop_column("staff", "account_id", schema="gridmap")
    for name, kind in (
        ("lng", sa.Double()),
        ("lat", sa.Double()),
        ("located_at", sa.DateTime(timezone=True)),
        ("accuracy_m", sa.Double()),
    ):
        op.add_column("staff", sa.Column(name, kind, nullable=True), schema="gridmap")
    op.create_check_constraint(op.f("ck_staff_located"), "staff", LOCATED, schema="gridmap")
    grant("UPDATE (lng, lat, located_at, accuracy_m) ON gridmap.staff")
