"""What can go wrong between a request and the domain."""

from dataclasses import dataclass
from typing import ClassVar

from gridmap.errors import GridmapError, UnknownAreaError


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


@dataclass(eq=False)
class PolicyExistsError(GridmapError):
    version: str
    message: ClassVar[str] = (
        "another policy {version!r} is in the database and policies are never edited; "
        "give the changed one a version of its own"
    )


@dataclass(eq=False)
class UnknownPolicyError(GridmapError, LookupError):
    version: str
    message: ClassVar[str] = (
        "there is no policy {version!r} in the database; `python -m api policy list` names them"
    )


@dataclass(eq=False)
class AgreementExistsError(GridmapError):
    agreement: str
    message: ClassVar[str] = (
        "agreement {agreement!r} is there and agreements are never edited; "
        "end it and propose another with an id of its own"
    )


@dataclass(eq=False)
class AgreementNotFoundError(GridmapError, LookupError):
    agreement: str
    message: ClassVar[str] = "there is no agreement {agreement!r}"


@dataclass(eq=False)
class BboxError(GridmapError, ValueError):
    given: str
    message: ClassVar[str] = (
        "bbox {given!r} is not four numbers west,south,east,north in degrees with west < east and "
        "south < north; communities and cells need one"
    )


@dataclass(eq=False)
class TooManyAreasError(GridmapError):
    count: int
    limit: int
    message: ClassVar[str] = (
        "{count} areas lie in this box and one answer holds {limit}; ask for a smaller box"
    )


@dataclass(eq=False)
class RealDirectoryError(GridmapError):
    units: int
    message: ClassVar[str] = (
        "the directory holds {units} units that are no demonstration; "
        "a demonstration directory is only for an empty one"
    )


@dataclass(eq=False)
class ReleaseExistsError(GridmapError):
    release: str
    message: ClassVar[str] = (
        "release {release!r} is in the database and releases are never edited; "
        "`python -m api activate {release} --commit` lets it answer, "
        "and changed lines get a new id in their definition"
    )


@dataclass(eq=False)
class UnsupportedMediaTypeError(GridmapError):
    given: str
    message: ClassVar[str] = (
        "the body's Content-Type is {given!r}; send application/json, or application/geo+json "
        "for a GeoJSON Feature in WGS 84"
    )


@dataclass(eq=False)
class AreaNotFoundError(UnknownAreaError):
    """The area that an address names; one named in a body is refused by its parent's status."""
