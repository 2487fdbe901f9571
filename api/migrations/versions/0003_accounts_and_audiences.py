"""Accounts, their grants and sessions; who sees a case, and row security that asks it.

``gridmap.keys()`` are the keys of whom a transaction acts for (`api.store.engine`); a case shows
itself and all that belongs to it to who has a key of its audience. The policies hold the owner as
well, who serves where a given server has one role only.

Row security checks the audience before any condition that might leak a row, which would hide the
index on places behind it. ``&&`` of two geometries tells nothing of them but its answer, so it is
declared leakproof, which only a superuser may do: on the private cluster it is done when the
database is made (`PrivateCluster.create_database`), on a server of somebody else's here if the
owner may.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LEAKPROOF = "ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF"

# By table: when a row of it shows itself. The service's own key '*' is in every audience, so that
# the condition on cases is one that the index on audiences answers.
ANY_ROW = "(SELECT '*' = ANY (gridmap.keys())) OR "
SHOWN = {
    "cases": "audience && (SELECT gridmap.keys())",
    "events": ANY_ROW + "EXISTS (SELECT FROM gridmap.cases c WHERE c.id = case_id)",
    "incidents": ANY_ROW + "EXISTS (SELECT FROM gridmap.cases c WHERE c.id = case_id)",
    "idempotency_keys": ANY_ROW + "'account:' || account = ANY ((SELECT gridmap.keys())::text[])",
}


def upgrade() -> None:
    make_accounts()
    make_audiences()
    secure_rows()
    grant()


def make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "CASE WHEN erased_at IS NULL"
            " THEN login IS NOT NULL AND name IS NOT NULL AND password_hash IS NOT NULL"
            " ELSE login IS NULL AND name IS NULL AND password_hash IS NULL"
            " AND disabled_at IS NOT NULL END",
            name=op.f("ck_accounts_erased_or_whole"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
        schema="gridmap",
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=True),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column(
            "granted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(revoked_by IS NULL) = (revoked_at IS NULL)",
            name=op.f("ck_grants_revoked_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["gridmap.accounts.id"], name=op.f("fk_grants_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        schema="gridmap",
    )
    op.create_index(
        "uq_grants_standing",
        "grants",
        ["account_id", "role", "area_code", "unit_id"],
        unique=True,
        schema="gridmap",
        postgresql_where=sa.text("revoked_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["gridmap.accounts.id"], name=op.f("fk_sessions_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_sessions")),
        schema="gridmap",
    )
    for column in ("account_id", "expires_at"):
        op.create_index(op.f(f"ix_sessions_{column}"), "sessions", [column], schema="gridmap")
    op.create_table(
        "sign_in_failures",
        sa.Column("login_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login_sha256", name=op.f("pk_sign_in_failures")),
        schema="gridmap",
    )
    op.create_index(
        op.f("ix_sign_in_failures_last_at"), "sign_in_failures", ["last_at"], schema="gridmap"
    )


def make_audiences() -> None:
    for column in ("areas", "audience"):
        op.add_column(
            "cases", sa.Column(column, sa.ARRAY(sa.Text()), nullable=True), schema="gridmap"
        )
    op.add_column("incidents", sa.Column("reporter", sa.String(), nullable=True), schema="gridmap")
    for name, kind in (("account", sa.String()), ("case_id", sa.Uuid())):
        op.add_column("idempotency_keys", sa.Column(name, kind, nullable=True), schema="gridmap")
    fill()
    for table, columns in {
        "cases": ("areas", "audience"),
        "incidents": ("reporter",),
        "idempotency_keys": ("account", "case_id"),
    }.items():
        for column in columns:
            op.alter_column(table, column, nullable=False, schema="gridmap")
    op.drop_constraint("pk_idempotency_keys", "idempotency_keys", schema="gridmap")
    op.create_primary_key(
        op.f("pk_idempotency_keys"), "idempotency_keys", ["account", "key"], schema="gridmap"
    )
    op.create_foreign_key(
        op.f("fk_idempotency_keys_case_id_cases"),
        "idempotency_keys",
        "cases",
        ["case_id"],
        ["id"],
        source_schema="gridmap",
        referent_schema="gridmap",
    )
    op.create_index(
        "ix_cases_audience", "cases", ["audience"], schema="gridmap", postgresql_using="gin"
    )


def fill() -> None:
    """Give what was written before there were accounts to the areas; the service had it written."""
    op.execute(
        """
        WITH RECURSIVE up AS (
            SELECT c.id, c.release_id, code #>> '{}' AS code
            FROM gridmap.cases c, LATERAL (
                SELECT jsonb_path_query(c.decision, '$.lead.code')
                UNION ALL SELECT jsonb_path_query(c.decision, '$.assisting[*].code')
                UNION ALL SELECT jsonb_path_query(
                    c.attribution, '$[*].parts[*] ? (@.counts == true).area.code')
            ) AS concerned (code)
            UNION
            SELECT up.id, up.release_id, a.parent_code
            FROM up JOIN gridmap.areas a ON a.release_id = up.release_id AND a.code = up.code
            WHERE a.parent_code IS NOT NULL
        ), territory AS (
            SELECT id, array_agg(DISTINCT code ORDER BY code) AS areas FROM up GROUP BY id
        )
        UPDATE gridmap.cases c SET areas = t.areas, audience = ARRAY(
            SELECT 'area:' || code FROM unnest(t.areas) AS code
            UNION VALUES ('*'), ('account:system')
            UNION SELECT 'unit:' || (call ->> 'unit')
            FROM gridmap.events e, jsonb_array_elements(e.data -> 'summons') AS call
            WHERE e.case_id = c.id AND e.kind = 'whistle_blown'
        )
        FROM territory t WHERE t.id = c.id
        """
    )
    op.execute("UPDATE gridmap.incidents SET reporter = 'system'")
    op.execute(
        """
        UPDATE gridmap.idempotency_keys k SET account = 'system', case_id = i.case_id
        FROM gridmap.incidents i WHERE i.id = k.incident_id
        """
    )


def secure_rows() -> None:
    op.execute(
        f"""
        DO $$ BEGIN
            {LEAKPROOF};
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE NOTICE 'let a superuser run: {LEAKPROOF}';
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION gridmap.keys() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
        RETURN coalesce(nullif(current_setting('gridmap.keys', true), '')::text[], '{}')
        """
    )
    for table, shown in SHOWN.items():
        op.execute(f"ALTER TABLE gridmap.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE gridmap.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY shown ON gridmap.{table} USING ({shown})")


def grant() -> None:
    """Give the service what it needs and no more; without that role the owner serves."""
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridmap_service') THEN
                GRANT UPDATE (areas, audience) ON gridmap.cases TO gridmap_service;
                GRANT SELECT, INSERT ON gridmap.accounts, gridmap.grants TO gridmap_service;
                GRANT UPDATE (login, name, password_hash, disabled_at, erased_at)
                    ON gridmap.accounts TO gridmap_service;
                GRANT UPDATE (revoked_by, revoked_at) ON gridmap.grants TO gridmap_service;
                GRANT SELECT, INSERT, DELETE, UPDATE (last_seen_at)
                    ON gridmap.sessions TO gridmap_service;
                GRANT SELECT, INSERT, DELETE, UPDATE ON gridmap.sign_in_failures
                    TO gridmap_service;
            END IF;
        END $$
        """
    )


def downgrade() -> None:
    for table in SHOWN:
        op.execute(f"DROP POLICY shown ON gridmap.{table}")
        op.execute(f"ALTER TABLE gridmap.{table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE gridmap.{table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION gridmap.keys()")
    op.drop_index("ix_cases_audience", table_name="cases", schema="gridmap", postgresql_using="gin")
    op.drop_constraint("pk_idempotency_keys", "idempotency_keys", schema="gridmap")
    op.create_primary_key("pk_idempotency_keys", "idempotency_keys", ["key"], schema="gridmap")
    for column in ("case_id", "account"):
        op.drop_column("idempotency_keys", column, schema="gridmap")
    op.drop_column("incidents", "reporter", schema="gridmap")
    for column in ("audience", "areas"):
        op.drop_column("cases", column, schema="gridmap")
    op.drop_table("sign_in_failures", schema="gridmap")
    op.drop_table("sessions", schema="gridmap")
    op.drop_table("grants", schema="gridmap")
    op.drop_table("accounts", schema="gridmap")
