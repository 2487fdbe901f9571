"""The schema brought to a revision by the migrations, as the owner."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from api.store.errors import SchemaError
from api.store.tables import SCHEMA

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def upgrade(owner_url: str, *, revision: str = "head") -> None:
    """Bring a database up to a revision, in one transaction; concurrent calls wait in turn."""
    command.upgrade(_config(owner_url), revision)


def downgrade(owner_url: str, *, revision: str) -> None:
    """Take a database back to a revision, in one transaction."""
    command.downgrade(_config(owner_url), revision)


def check(owner_url: str) -> None:
    """Raise alembic's ``CommandError`` if the tables differ from what the migrations make."""
    command.check(_config(owner_url))


def current(owner_url: str) -> str | None:
    """Return the revision a database is at, ``None`` before the first migration."""
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
        return context.get_current_revision()


def require_head(owner_url: str) -> None:
    """Return if a database is at the latest revision.

    Raises
    ------
    SchemaError
        It is at another one, or was never migrated.
    """
    found = current(owner_url)
    if found != head():
        raise SchemaError(found=found or "none", needed=str(head()))


def head() -> str | None:
    """Return the latest revision there is."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["owner_url"] = owner_url
    return config
