"""What a deployment may choose, one class per concern, from ``GRIDMAP_`` variables.

An empty variable counts as unset, so ``GRIDMAP_PORT= make run`` does what it looks like.
"""

from pathlib import Path
from typing import Annotated, Literal

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


class WorkerSettings(BaseSettings):
    """How the worker keeps the clocks.

    ``worker_sweep`` says when it looks for what was missed, ``worker_anchor`` when it anchors the
    chains of cases, ``worker_mail`` when it mails what is new, ``worker_expiry`` when it looks for
    agreements that run out: as in a crontab, with seconds as a sixth field where that is wanted.
    ``worker_stalled_after_s`` is how long a worker must have been silent for its jobs to go to
    another.
    """

    model_config = VARIABLES

    worker_sweep: str = "* * * * *"
    worker_anchor: str = "*/10 * * * *"
    worker_mail: str = "* * * * *"
    worker_expiry: str = "7 * * * *"
    worker_poll_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    worker_stalled_after_s: Annotated[float, Field(gt=0)] = 30.0
    worker_concurrency: Annotated[int, Field(ge=1, le=8)] = 2


class WebhookSettings(BaseSettings):
    """How webhooks are sent to.

    ``webhook_private`` lets them be addresses of this machine and of private networks, and plain
    http: where the service and its receivers share a network of their own. Of ten attempts the
    last is made a day after the first.
    """

    model_config = VARIABLES

    webhook_private: bool = False
    webhook_timeout_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    webhook_attempts: Annotated[int, Field(ge=1, le=50)] = 10
    webhook_first_wait_s: Annotated[float, Field(ge=0)] = 10.0
    webhook_wait_factor: Annotated[float, Field(ge=1)] = 3.0


class MailSettings(BaseSettings):
    """By which server mails are sent; without a host none are.

    ``smtp_security`` is ``starttls``, ``tls`` from the first byte, or ``none`` inside a network.
    """

    model_config = VARIABLES

    smtp_host: str | None = None
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_sender: str = "gridmap@localhost"
    smtp_timeout_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    smtp_attempts: Annotated[int, Field(ge=1, le=50)] = 8
    smtp_first_wait_s: Annotated[float, Field(ge=0)] = 60.0
    smtp_wait_factor: Annotated[float, Field(ge=1)] = 3.0
