"""The database server of this deployment: the private cluster, or the one that was named."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString, Protocol

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from api.settings import DatabaseSettings
from api.store.cluster import PrivateCluster
from api.store.errors import DatabaseUrlError, ServerUnreachableError
from api.store.urls import Urls


class Server(Protocol):
    """What the service and the tests ask of a database server."""

    @property
    def database(self) -> str: ...

    def held(self) -> AbstractContextManager[None]: ...

    def urls(self, database: str | None = None) -> Urls: ...

    def create_database(self, name: str | None = None) -> None: ...

    def drop_database(self, name: str) -> None: ...

    def databases(self) -> list[str]: ...


@dataclass(frozen=True)
class GivenServer:
    """A server that somebody else runs; its roles and extensions are theirs to set up."""

    service: URL
    owner: URL

    @classmethod
    def at(cls, url: str, *, owner_url: str | None = None) -> "GivenServer":
        service = _parsed(url, "GRIDMAP_DATABASE_URL")
        owner = _parsed(owner_url, "GRIDMAP_DATABASE_OWNER_URL") if owner_url else service
        return cls(service, owner)

    @property
    def database(self) -> str:
        return str(self.service.database)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Check that the server answers; it is not ours to start or stop."""
        self._connect(self.owner.database).close()
        yield

    def urls(self, database: str | None = None) -> Urls:
        """Return how the owner and the service reach a database, for SQLAlchemy."""
        return Urls(*(_text(url, database or self.database) for url in (self.owner, self.service)))

    def create_database(self, name: str | None = None) -> None:
        """Create a database if there is none; PostGIS in it is the first migration's business.

        The owner needs CREATEDB for this. The database in the URL itself has to exist: it is
        the one we connect to.
        """
        if name in (None, self.database):
            return
        with suppress(psycopg.errors.DuplicateDatabase):
            self._run("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", str(name))

    def drop_database(self, name: str) -> None:
        """Drop a database, closing the connections to it; nothing happens if there is none."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def databases(self) -> list[str]:
        """Return the names of all databases but the templates."""
        with self._connect(self.owner.database) as connection:
            rows = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")
            return sorted(str(name) for (name,) in rows)

    def _run(self, words: LiteralString, name: str) -> None:
        with self._connect(self.owner.database) as connection:
            connection.execute(sql.SQL(words).format(sql.Identifier(name)))

    def _connect(self, database: str | None) -> psycopg.Connection[tuple[object, ...]]:
        url = self.owner.set(drivername="postgresql", database=database)
        try:
            return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)
        except psycopg.OperationalError as refusal:
            where = url.render_as_string(hide_password=True)
            raise ServerUnreachableError(where, str(refusal).strip()) from refusal


def server_of(project: Path, settings: DatabaseSettings) -> Server:
    """Return the named server, or the private cluster of the checkout; nothing is started."""
    if settings.database_url is None:
        return PrivateCluster.at(project, state=settings.state_folder)
    owner = settings.database_owner_url
    return GivenServer.at(
        settings.database_url.get_secret_value(),
        owner_url=owner.get_secret_value() if owner else None,
    )


def _parsed(text: str, variable: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        # SQLAlchemy's message repeats the URL, password and all.
        raise DatabaseUrlError(variable, "it is not a URL") from error
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise DatabaseUrlError(variable, f"it names {url.get_backend_name()}, not postgresql")
    if not url.database:
        raise DatabaseUrlError(variable, "it names no database")
    return url.set(drivername="postgresql+psycopg")


def _text(url: URL, database: str) -> str:
    return url.set(database=database).render_as_string(hide_password=False)
