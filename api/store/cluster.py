"""The private PostgreSQL cluster of one checkout, reached through a local socket only.

Who may enter: the operating-system account that runs the cluster, and root, by peer
authentication; nobody else can even open the socket's folder. They may be ``gridmap_owner``
(migrations; owns the databases), ``gridmap_service`` (the service; has what the migrations
grant it and no more) or ``postgres`` (the superuser, used here alone, to create databases and
extensions).

How long it runs: as long as somebody holds it (`PrivateCluster.held`). The last holder to
leave stops it, unless it was started by hand (`PrivateCluster.keep`, ``cluster start``).
After kill -9 of a holder it keeps running, which harms nothing: the next holder finds it so
and stops it when leaving. After kill -9 of PostgreSQL itself, the next ``ensure`` recovers.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, LiteralString
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from api.store.postmaster import Postmaster, digest
from api.store.urls import Urls

OWNER = "gridmap_owner"
SERVICE = "gridmap_service"
DATABASE = "gridmap"

ROOT_STATE = Path("/var/lib/gridmap")


@dataclass(frozen=True)
class PrivateCluster:
    """A cluster kept in ``home``: made, started, entered and stopped from here."""

    home: Path
    database: str = DATABASE

    @classmethod
    def at(cls, project: Path, *, state: Path | None = None) -> "PrivateCluster":
        """Return the cluster of a checkout; nothing is made or started.

        It lives in ``state``; by default in ``.gridmap/`` of the checkout, and for root in
        ``/var/lib/gridmap/<hash of the checkout's path>``, because PostgreSQL refuses to run
        as root and the account it runs as may not be able to enter the checkout.
        """
        project = project.resolve()
        usual = ROOT_STATE / digest(project) if os.geteuid() == 0 else project / ".gridmap"
        return cls((state or usual).resolve())

    @property
    def postmaster(self) -> Postmaster:
        return Postmaster(self.home, roles=(OWNER, SERVICE))

    def urls(self, database: str | None = None) -> Urls:
        """Return how the owner and the service reach a database, for SQLAlchemy."""
        tail = f"{quote(database or self.database)}?host={quote(str(self.postmaster.sockets))}"
        return Urls(
            owner=f"postgresql+psycopg://{OWNER}@/{tail}",
            service=f"postgresql+psycopg://{SERVICE}@/{tail}",
        )

    # --- running ----------------------------------------------------------------------------

    def ensure(self) -> bool:
        """Make the cluster if there is none, start it if it does not run; True if it started.

        Safe to call from any number of processes at once, and after any of them was killed.

        Raises
        ------
        ServerError
            A child of it that says what is missing or in the way.
        """
        with self._locked():
            return self._ensure()

    def keep(self) -> bool:
        """Ensure, and let the cluster run until `stop`; True if it started."""
        with self._locked():
            started = self._ensure()
            self._kept.touch()
            return started

    def stop(self) -> bool:
        """Stop the cluster, whoever uses it; False if it did not run."""
        if not self.home.exists():
            return False
        with self._locked():
            self._kept.unlink(missing_ok=True)
            return self.postmaster.stop()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Ensure the cluster for the length of a ``with``; the last to leave stops it."""
        holders = self._hold()
        try:
            yield
        finally:
            self._leave(holders)

    def answers(self) -> bool:
        """Tell whether the cluster accepts connections now."""
        return self.postmaster.answers()

    def _ensure(self) -> bool:
        postmaster = self.postmaster
        postmaster.make()
        started = not postmaster.answers()
        if started:
            postmaster.start()
        self._create_roles()
        return started

    # --- databases --------------------------------------------------------------------------

    def create_database(self, name: str | None = None) -> None:
        """Create a database of the owner with PostGIS in it; nothing happens if it is complete."""
        name = name or self.database
        with self.postmaster.connect() as connection, suppress(psycopg.errors.DuplicateDatabase):
            words: LiteralString = "CREATE DATABASE {} OWNER {} TEMPLATE template0"
            _run(connection, words + " ENCODING 'UTF8' LOCALE 'C.UTF-8'", name, OWNER)
        with self.postmaster.connect(name) as connection:
            # PostGIS is not a trusted extension: only a superuser may create it.
            _run(connection, "CREATE EXTENSION IF NOT EXISTS postgis")
            # The same for this, without which row security hides the index (migration 0003).
            _run(connection, "ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF")
            _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
            _run(connection, "GRANT CONNECT ON DATABASE {} TO {}", name, SERVICE)

    def drop_database(self, name: str) -> None:
        """Drop a database, closing the connections to it; nothing happens if there is none."""
        with self.postmaster.connect() as connection:
            _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def databases(self) -> list[str]:
        """Return the names of all databases but the server's own."""
        with self.postmaster.connect() as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
            )
            return sorted(name for (name,) in rows)

    def _create_roles(self) -> None:
        with self.postmaster.connect() as connection:
            for role in (OWNER, SERVICE):
                with suppress(psycopg.errors.DuplicateObject):
                    _run(connection, "CREATE ROLE {} LOGIN", role)

    # --- locks ------------------------------------------------------------------------------

    @property
    def _kept(self) -> Path:
        return self.home / "started-by-hand"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time makes, starts or stops; the kernel frees a dead one's lock."""
        _make_home(self.home)
        with _private_file(self.home / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _hold(self) -> IO[str]:
        with self._locked():
            self._ensure()
            holders = _private_file(self.home / "holders")
            fcntl.flock(holders, fcntl.LOCK_SH)
            return holders

    def _leave(self, holders: IO[str]) -> None:
        with holders, self._locked():
            if self._kept.exists():
                return
            with suppress(BlockingIOError):  # somebody else still holds it
                fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.postmaster.stop()


def _make_home(home: Path) -> None:
    """Make the folder; root's can be passed through, whatever the umask: what is in it is shut."""
    is_root = os.geteuid() == 0
    for folder in (*reversed(home.parents), home):
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755 if is_root else 0o700)


def _private_file(path: Path) -> IO[str]:
    """Open a file to lock that nobody else can open, and so nobody else can lock."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")


def _run(connection: psycopg.Connection[TupleRow], words: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(words).format(*map(sql.Identifier, names)))
