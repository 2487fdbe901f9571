"""Somebody's last position, apart from the roster; staff with accounts; old plans' clocks."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STAGES = ("respond", "arrive", "finish")
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
    reword_plans()


def reword_plans() -> None:
    """Say the clocks of plans from before they could be working time as they are said now.

    Their keys would be overlooked, and the whistle would read as one without clocks. All cases
    are seen with the service's own key.
    """
    op.execute("SELECT set_config('gridmap.keys', '{*}', true)")
    op.execute(
        f"""
        UPDATE gridmap.cases SET plan = jsonb_set(plan, '{{whistle}}',
            (plan -> 'whistle') - array['respond_min', 'arrive_min', 'finish_min']
            || jsonb_strip_nulls(jsonb_build_object({", ".join(map(_clock, STAGES))})))
        WHERE plan -> 'whistle' ?| array['respond_min', 'arrive_min', 'finish_min']
        """  # noqa: S608 - nothing in it is given
    )


def _clock(stage: str) -> str:
    minutes = f"plan #> '{{whistle,{stage}_min}}'"
    return f"""'{stage}', CASE WHEN jsonb_typeof({minutes}) = 'number'
        THEN jsonb_build_object('minutes', {minutes}, 'working', false) END"""


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
