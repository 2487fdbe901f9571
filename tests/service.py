"""The real service in a second process, over a database of the tests; and how to fill one."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from api import first_run
from api.services import loading
from api.settings import PROJECT, DataSettings
from api.store.cluster import PrivateCluster
from api.store.migrate import upgrade
from api.store.server import GivenServer, Server
from gridmap.boundary import Release

# A database's name says whose it is, so that what a killed run left can be dropped.
PREFIX = "gridmap_test_"

# Hashing as a deployment does would take the tests minutes.
QUICK = {"password_time_cost": 1, "password_memory_kib": 64}

READY = re.compile(r"ready at (http://127\.0\.0\.1:(\d+))/")
START_S = 60.0  # most of it is the import of libraries; a loaded machine takes its time
STOP_S = 20.0


class ServiceStartError(Exception):
    """The service ended or said nothing; the message is its log."""


class Service:
    """``python -m api serve`` in a second process, with the plain role's URL and no other.

    A service that was started once keeps its port, so its `url` outlives `kill` and `start`.
    """

    def __init__(self, database_url: str, log: Path, **more: str) -> None:
        self.database_url = database_url
        self.more = more
        self.log = log
        self.url = ""
        self._port = "0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it says that it is ready."""
        said = len(self.text())
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api", "serve"],
                cwd=PROJECT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        ready = until(lambda: self._said_ready(said), within_s=START_S, what="the service's start")
        self.url, self._port = ready[1], ready[2]

    def kill(self) -> None:
        """End it with SIGKILL: no handler runs, nothing is finished."""
        if self._process:
            self._process.kill()
            self._process.wait(STOP_S)

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def text(self) -> str:
        """Return everything it has said."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def _said_ready(self, since: int) -> re.Match[str] | None:
        assert self._process
        if self._process.poll() is not None:
            raise ServiceStartError(f"ended with {self._process.returncode}: {self.text()[since:]}")
        return READY.search(self.text(), since)

    def _environment(self) -> dict[str, str]:
        """This process's environment without its settings: the owner's URL is none of it."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GRIDMAP_")}
        return (
            kept
            | {"GRIDMAP_DATABASE_URL": self.database_url, "GRIDMAP_PORT": self._port}
            | {f"GRIDMAP_{key.upper()}": str(value) for key, value in QUICK.items()}
            | self.more
        )


@contextmanager
def running(database_url: str, log: Path, **more: str) -> Iterator[Service]:
    """Yield a service over a database, with more variables if named; stopped at the end."""
    service = Service(database_url, log, **more)
    try:
        service.start()
        yield service
    finally:
        service.stop()


@contextmanager
def fresh_database(server: Server) -> Iterator[Server]:
    """Yield a server whose own database is a new, migrated one; it is dropped at the end."""
    name = f"{PREFIX}{os.getpid()}_{uuid4().hex[:12]}"
    server.create_database(name)
    try:
        upgrade(server.urls(name).owner)
        yield with_database(server, name)
    finally:
        server.drop_database(name)


def with_database(server: Server, name: str) -> Server:
    """Return the same server with another database as its own."""
    if isinstance(server, PrivateCluster):
        return replace(server, database=name)
    assert isinstance(server, GivenServer)
    return GivenServer(server.service.set(database=name), server.owner.set(database=name))


def drop_abandoned(server: Server) -> None:
    """Drop what killed test runs of this machine left; another server may have others' too."""
    if not isinstance(server, PrivateCluster):
        return
    for name in server.databases():
        pid = name.removeprefix(PREFIX).partition("_")[0]
        if name.startswith(PREFIX) and pid.isdigit() and not Path("/proc", pid).exists():
            server.drop_database(name)


def load(server: Server, release: Release, templates: Mapping[str, Any]) -> None:
    """Import and activate a release, and make its demonstration directory, as the owner."""
    activate(server, release)
    seed(server, templates)


def seed(server: Server, templates: Mapping[str, Any]) -> None:
    """Make a demonstration directory for the release that answers, as the owner."""
    first_run.as_owner(server, lambda engine: loading.seed_directory(engine, templates))


def activate(server: Server, release: Release) -> None:
    """Let a release answer, imported first unless it is there, as the owner.

    With it the shipped catalogue, unless one is active.
    """
    first_run.load_catalogue(server, DataSettings(), lambda _said: None)
    stored = {one.id for one in first_run.as_owner(server, loading.stored_releases)}
    first_run.as_owner(
        server,
        lambda engine: (
            loading.activate_release(engine, release.id)
            if release.id in stored
            else loading.import_release(engine, release, activate=True)
        ),
    )


def psycopg_url(url: str) -> str:
    """Return an SQLAlchemy URL as psycopg understands it."""
    return url.replace("+psycopg", "")


def until(condition: Callable[[], Any], *, within_s: float, what: str) -> Any:
    """Return the first true answer of a condition; fail when it takes too long."""
    give_up = time.monotonic() + within_s
    while not (answer := condition()):
        if time.monotonic() > give_up:
            raise TimeoutError(f"{what}: not within {within_s} s")
        time.sleep(0.02)
    return answer
