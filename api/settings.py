"""What a deployment may choose, one class per concern, from ``GRIDMAP_`` variables.

An empty variable counts as unset, so ``GRIDMAP_PORT= make run`` does what it looks like.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent

VARIABLES = SettingsConfigDict(
    env_prefix="GRIDMAP_", env_ignore_empty=True, frozen=True, extra="ignore"
)


class DatabaseSettings(BaseSettings):
    """Which PostgreSQL server holds the data; without a URL gridmap runs its own.

    ``database_url`` is what the service uses; ``database_owner_url`` what the migrations use,
    the same by default. On a server of yours create the role ``gridmap_service``, make the
    service's user a member of it, and the migrations will grant it what it needs. Where the owner
    is no superuser, let one run ``ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF``
    in the database: without it row security hides the index on places.
    """

    model_config = VARIABLES

    database_url: SecretStr | None = None
    database_owner_url: SecretStr | None = None
    state_folder: Path | None = None


class ServerSettings(BaseSettings):
    """Where the service listens."""

    model_config = VARIABLES

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8321  # 0: any free port
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")  # as JSON: ["grid.example.gov.cn"]


class RehearsalSettings(BaseSettings):
    """Training: with a file named here the service's clock is the machine's plus its seconds."""

    model_config = VARIABLES

    rehearsal_clock: Path | None = None


class AccountSettings(BaseSettings):
    """How people sign in.

    The password's cost is that of RFC 9106, section 4, second choice; ``demonstration`` lets
    everybody who reaches the service in as one of its demonstration accounts. Unset, `run` on a
    loopback address has them and `serve` has not.
    """

    model_config = VARIABLES

    demonstration: bool | None = None
    session_hours: Annotated[float, Field(gt=0, le=24 * 31)] = 12.0  # a shift
    password_time_cost: Annotated[int, Field(ge=1)] = 3
    password_memory_kib: Annotated[int, Field(ge=64)] = 65_536


class DataSettings(BaseSettings):
    """Which files the service reads, most at the first run only, and where it keeps some."""

    model_config = VARIABLES

    boundaries: Path = PROJECT / "data/boundaries/beijing/definition.toml"
    catalogue: Path = PROJECT / "data/catalogue/beijing-sample.toml"
    policy: Path = PROJECT / "data/policy/default.toml"
    directory: Path = PROJECT / "data/directory/demonstration.toml"
    files: Path = PROJECT / ".gridmap/files"  # what people upload, each named by its hash
    accounts: Path = PROJECT / "data/accounts/demonstration.toml"
