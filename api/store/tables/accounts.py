"""Who may sign in, as what, and who has."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    text,
)

from api.store.tables.base import metadata

# Records name an account by its id alone: erasing empties the rest, and the id stays.
accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("login", String, unique=True),
    Column("name", String),
    Column("email", String),
    Column("password_hash", String),
    Column("demonstration", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("disabled_at", DateTime(timezone=True)),
    Column("erased_at", DateTime(timezone=True)),
    CheckConstraint(
        "CASE WHEN erased_at IS NULL"
        " THEN login IS NOT NULL AND name IS NOT NULL AND password_hash IS NOT NULL"
        " ELSE login IS NULL AND name IS NULL AND password_hash IS NULL AND email IS NULL"
        " AND disabled_at IS NOT NULL END",
        name="erased_or_whole",
    ),
)

# Never deleted: who could do what, and when, stays known.
grants = Table(
    "grants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", ForeignKey(accounts.c.id), nullable=False),
    Column("role", String, nullable=False),
    Column("area_code", String, nullable=False),
    Column("unit_id", String),
    Column("granted_by", String, nullable=False),
    Column("granted_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("revoked_by", String),
    Column("revoked_at", DateTime(timezone=True)),
    CheckConstraint("(revoked_by IS NULL) = (revoked_at IS NULL)", name="revoked_by_somebody"),
    Index(
        "uq_grants_standing",
        "account_id",
        "role",
        "area_code",
        "unit_id",
        unique=True,
        postgresql_where=text("revoked_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    ),
)

# The token itself is with the browser alone.
sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", LargeBinary, primary_key=True),
    Column("account_id", ForeignKey(accounts.c.id), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Index(None, "account_id"),
    Index(None, "expires_at"),
)

# Failed sign-ins in a row. The login is kept as its digest: people type passwords there.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("login_sha256", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("wait_until", DateTime(timezone=True), nullable=False),
    Index(None, "last_at"),
)
