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
    service's user a member of it, and the migrations will grant it what it needs.
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


class DataSettings(BaseSettings):
    """Which files the service reads: the policy always, the others at the first run."""

    model_config = VARIABLES

    boundaries: Path = PROJECT / "data/boundaries/beijing/definition.toml"
    catalogue: Path = PROJECT / "data/catalogue/beijing-sample.toml"
    policy: Path = PROJECT / "data/policy/default.toml"
    directory: Path = PROJECT / "data/directory/demonstration.toml"
