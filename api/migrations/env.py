"""Alembic's environment: one transaction, one migrator at a time, our schema only."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from api.store.tables import SCHEMA, metadata

# Any number does, as long as every gridmap migrator takes the same one.
LOCK = 0x67726964  # "grid"


def migrate(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    # Alembic's own version table lives in the schema, so the schema comes before the first one.
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=is_ours,
        include_object=alembic_helpers.include_object,
        render_item=alembic_helpers.render_item,
        process_revision_directives=alembic_helpers.writer,
    )
    # Row security holds the owner, too: without a key a migration of cases would change none.
    connection.execute(text("SELECT set_config('gridmap.keys', '{*}', true)"))
    with context.begin_transaction():
        context.run_migrations()


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name == SCHEMA


engine = create_engine(context.config.attributes["owner_url"], poolclass=NullPool)
with engine.begin() as owner_connection:
    migrate(owner_connection)
