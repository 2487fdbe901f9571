"""What can go wrong between the service and its database server, before any query."""

from dataclasses import dataclass
from typing import ClassVar

from gridmap.errors import GridmapError


@dataclass(eq=False)
class ServerError(GridmapError):
    """The database server cannot be found, started or used."""


@dataclass(eq=False)
class NoPostgresError(ServerError):
    looked_in: str
    found: str
    message: ClassVar[str] = (
        "no PostgreSQL 15 or later with PostGIS 3.3 or later on this machine "
        "(looked in {looked_in}; found {found}); on Debian and Ubuntu run "
        "`apt-get install postgresql-postgis`, or name a server in GRIDMAP_DATABASE_URL"
    )


@dataclass(eq=False)
class PostgresVersionError(ServerError):
    data: str
    made_by: str
    found: str
    message: ClassVar[str] = (
        "the data in {data} were made by PostgreSQL {made_by}, and this machine has {found}; "
        "install postgresql-{made_by} with PostGIS again, or move the data with pg_upgrade"
    )


@dataclass(eq=False)
class ForeignFolderError(ServerError):
    path: str
    why: str
    message: ClassVar[str] = (
        "{path} {why}, so gridmap leaves it alone; move it away, or name another folder in "
        "GRIDMAP_STATE_FOLDER"
    )


@dataclass(eq=False)
class NoAccountError(ServerError):
    account: str
    message: ClassVar[str] = (
        "PostgreSQL needs an operating-system account, and {account} is not in /etc/passwd; "
        "run as a user who is, or name a server in GRIDMAP_DATABASE_URL"
    )


@dataclass(eq=False)
class ClusterStartError(ServerError):
    data: str
    log: str
    last_words: str
    message: ClassVar[str] = (
        "the private PostgreSQL in {data} does not start; nothing in it was changed. "
        "Its last words, from {log}:\n{last_words}"
    )


@dataclass(eq=False)
class ClusterCommandError(ServerError):
    command: str
    output: str
    message: ClassVar[str] = "{command} failed: {output}"


@dataclass(eq=False)
class ServerUnreachableError(ServerError):
    where: str
    why: str
    message: ClassVar[str] = (
        "the database server at {where} does not answer: {why}; check GRIDMAP_DATABASE_URL, "
        "or unset it to let gridmap run its own"
    )


@dataclass(eq=False)
class DatabaseUrlError(ServerError):
    variable: str
    why: str
    message: ClassVar[str] = (
        "{variable} is not usable: {why}; write it as postgresql://user:password@host:5432/database"
    )


@dataclass(eq=False)
class SchemaError(ServerError):
    found: str
    needed: str
    message: ClassVar[str] = (
        "the database is at revision {found}, and this gridmap needs {needed}; "
        "`python -m api migrate` brings it there, `make run` does so and loads what is missing"
    )
