"""What can go wrong between a request and the domain."""

from dataclasses import dataclass
from typing import ClassVar

from gridmap.errors import GridmapError


@dataclass(eq=False)
class UnknownCaseError(GridmapError, LookupError):
    case: str
    message: ClassVar[str] = "there is no case {case}"


@dataclass(eq=False)
class IdempotencyKeyReusedError(GridmapError):
    key: str
    message: ClassVar[str] = (
        "Idempotency-Key {key!r} was used for a different report; "
        "send a new key with a new report, the same key only to repeat the same one"
    )


@dataclass(eq=False)
class NoReleaseError(GridmapError):
    message: ClassVar[str] = (
        "no boundary release is active; import one with "
        "`python -m api import data/boundaries/beijing/definition.toml --activate --commit`"
    )


@dataclass(eq=False)
class UnknownReleaseError(GridmapError, LookupError):
    release: str
    message: ClassVar[str] = "there is no release {release!r} in the database"
