"""Webhooks and mails: outboxes that are written with what they tell of, and sent afterwards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT '*' = ANY (gridmap.keys()))"
OF_A_CASE = "EXISTS (SELECT FROM gridmap.cases c WHERE c.id = case_id)"
ERASED = (
    "CASE WHEN erased_at IS NULL"
    " THEN login IS NOT NULL AND name IS NOT NULL AND password_hash IS NOT NULL"
    " ELSE login IS NULL AND name IS NULL AND password_hash IS NULL{email}"
    " AND disabled_at IS NOT NULL END"
)


def upgrade() -> None:
    op.add_column("accounts", sa.Column("email", sa.String(), nullable=True), schema="gridmap")
    erased_or_whole(ERASED.format(email=" AND email IS NULL"))
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        schema="gridmap",
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *sending(),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["gridmap.webhooks.id"], name=op.f("fk_deliveries_webhook_id_webhooks")
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "seq"],
            ["gridmap.events.case_id", "gridmap.events.seq"],
            name=op.f("fk_deliveries_case_id_seq_events"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        schema="gridmap",
    )
    op.create_index(
        op.f("ix_deliveries_webhook_id_state_at"),
        "deliveries",
        ["webhook_id", "state", "at"],
        schema="gridmap",
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["next_at"],
        schema="gridmap",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("notices", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        *sending(),
        sa.ForeignKeyConstraint(
            ["account_id"], ["gridmap.accounts.id"], name=op.f("fk_mails_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        schema="gridmap",
    )
    op.create_index(
        "ix_mails_waiting",
        "mails",
        ["next_at"],
        schema="gridmap",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    secure()
    grant()


def erased_or_whole(condition: str) -> None:
    name = op.f("ck_accounts_erased_or_whole")
    op.drop_constraint(name, "accounts", schema="gridmap")
    op.create_check_constraint(name, "accounts", condition, schema="gridmap")


def sending() -> tuple["sa.Column[object]", ...]:
    return (
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
    )


def secure() -> None:
    for table in ("deliveries", "mails"):
        op.execute(f"ALTER TABLE gridmap.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE gridmap.{table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY shown ON gridmap.deliveries USING ({EVERYTHING} OR {OF_A_CASE})")
    op.execute(f"CREATE POLICY shown ON gridmap.mails USING ({EVERYTHING})")


def grant() -> None:
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT SELECT, INSERT ON gridmap.webhooks, gridmap.deliveries, gridmap.mails
                    TO gridmap_service;
                GRANT UPDATE (ended_at, secret) ON gridmap.webhooks TO gridmap_service;
                GRANT UPDATE (state, attempts, next_at, sent_at, error) ON gridmap.deliveries,
                    gridmap.mails TO gridmap_service;
                GRANT UPDATE (email) ON gridmap.accounts TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    for table in ("mails", "deliveries", "webhooks"):
        op.drop_table(table, schema="gridmap")
    erased_or_whole(ERASED.format(email=""))
    op.drop_column("accounts", "email", schema="gridmap")
