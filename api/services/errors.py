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
class SignInNeededError(GridmapError):
    message: ClassVar[str] = (
        "this needs somebody who is signed in, and nobody is, or the session has ended; "
        "sign in with POST /api/v1/session and send its cookie"
    )


@dataclass(eq=False)
class SignInRefusedError(GridmapError):
    message: ClassVar[str] = (
        "login and password do not go together, or the account is disabled; try again, or ask an "
        "administrator for a new password"
    )


@dataclass(eq=False)
class TooManyAttemptsError(GridmapError):
    wait_s: int
    message: ClassVar[str] = (
        "too many sign-ins with this login have failed; try again in {wait_s} s"
    )


@dataclass(eq=False)
class ForeignOriginError(GridmapError):
    origin: str
    message: ClassVar[str] = (
        "a page of {origin!r} sent this, and only this service's own pages may write; "
        "programs send no Origin header"
    )


@dataclass(eq=False)
class NoDemonstrationError(GridmapError, LookupError):
    message: ClassVar[str] = (
        "there are no demonstration accounts here; "
        "`make run`, or GRIDMAP_DEMONSTRATION=true, lets them in"
    )


@dataclass(eq=False)
class UnknownAccountError(GridmapError, LookupError):
    account: str
    message: ClassVar[str] = "there is no account {account}"


@dataclass(eq=False)
class ErasedAccountError(GridmapError):
    account: str
    message: ClassVar[str] = "account {account} has been erased; make a new one"


@dataclass(eq=False)
class UnknownGrantError(GridmapError, LookupError):
    account: str
    grant: str
    message: ClassVar[str] = "account {account} holds no grant {grant}"


@dataclass(eq=False)
class LoginTakenError(GridmapError):
    login: str
    message: ClassVar[str] = "there is an account with the login {login!r}; choose another"


@dataclass(eq=False)
class PasswordLengthError(GridmapError, ValueError):
    shortest: int
    longest: int
    message: ClassVar[str] = (
        "a password has {shortest} to {longest} characters; a sentence does well"
    )


@dataclass(eq=False)
class AdministratorNeededError(GridmapError):
    message: ClassVar[str] = "accounts are for administrators; sign in as one"


@dataclass(eq=False)
class BeyondAuthorityError(GridmapError):
    what: str
    area: str
    message: ClassVar[str] = (
        "{what} in {area} is outside the area of this administrator; ask one of an area above both"
    )


@dataclass(eq=False)
class UnknownUnitError(GridmapError, LookupError):
    unit: str
    message: ClassVar[str] = "there is no unit {unit!r} in the directory"


@dataclass(eq=False)
class UnitNeededError(GridmapError, ValueError):
    role: str
    message: ClassVar[str] = "a {role} acts for a unit; name it"


@dataclass(eq=False)
class UnitElsewhereError(GridmapError, ValueError):
    unit: str
    area: str
    message: ClassVar[str] = (
        "unit {unit} is not in {area}; name the area that the unit serves, or one above it"
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
class NoCatalogueError(GridmapError):
    message: ClassVar[str] = (
        "no catalogue is active; import one with `python -m api catalogue import "
        "data/catalogue/beijing-sample.toml --activate --commit`"
    )


@dataclass(eq=False)
class UnknownCatalogueError(GridmapError, LookupError):
    version: str
    message: ClassVar[str] = (
        "there is no catalogue {version!r} in the database; /api/v1/catalogues lists them"
    )


@dataclass(eq=False)
class CatalogueExistsError(GridmapError):
    version: str
    message: ClassVar[str] = (
        "catalogue {version!r} is in the database already and is never edited; raise the version "
        "in the file, or activate the stored one with `python -m api catalogue activate`"
    )


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
class CalledUnitsError(GridmapError):
    """Units of open cases would vanish from the directory."""

    units: dict[str, list[str]]
    message: ClassVar[str] = (
        "open cases have called units that the new directory lacks ({units}); keep these units "
        "until the cases are closed, or stand them down and transfer the cases first"
    )


@dataclass(eq=False)
class UnitNotFoundError(GridmapError, LookupError):
    """The unit that an address names; one named in a body is an `UnknownUnitError`."""

    unit: str
    message: ClassVar[str] = "there is no unit {unit!r} in the directory; /api/v1/units lists them"


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


@dataclass(eq=False)
class PointNeededError(GridmapError, ValueError):
    kind: str
    message: ClassVar[str] = "a position is a point, not a {kind}; send where the device is"


@dataclass(eq=False)
class PositionTooOldError(GridmapError, ValueError):
    at: str
    kept_h: float
    message: ClassVar[str] = (
        "a position of {at} is not kept: positions are for {kept_h:g} h; send a new one"
    )


@dataclass(eq=False)
class NearError(GridmapError, ValueError):
    given: str
    message: ClassVar[str] = (
        "near {given!r} is not two numbers lng,lat in the crs that is declared with it"
    )


@dataclass(eq=False)
class PositionsNotYoursError(GridmapError):
    area: str
    message: ClassVar[str] = (
        "where the people of {area} are is for its command and conveners; leave near away"
    )


@dataclass(eq=False)
class UnknownWhistleKindError(GridmapError, LookupError):
    kind: str
    catalogue: str
    message: ClassVar[str] = "there is no whistle kind {kind!r} in catalogue {catalogue}"


@dataclass(eq=False)
class UnknownEvidenceError(GridmapError, LookupError):
    case: str
    evidence: str
    message: ClassVar[str] = (
        "case {case} has no evidence {evidence}; add it to the case first, then name it"
    )


@dataclass(eq=False)
class EvidenceErasedError(GridmapError):
    case: str
    evidence: str
    message: ClassVar[str] = "evidence {evidence} of case {case} was erased"


@dataclass(eq=False)
class EvidenceFileError(GridmapError, ValueError):
    """A file that is not what evidence may be."""

    why: str
    message: ClassVar[str] = "the file cannot be taken as evidence: {why}"


@dataclass(eq=False)
class UnknownIncidentError(GridmapError, LookupError):
    case: str
    incident: str
    message: ClassVar[str] = "case {case} has no report {incident}"


@dataclass(eq=False)
class NothingToEraseError(GridmapError, LookupError):
    case: str
    what: str
    message: ClassVar[str] = "in case {case} there is no {what} to erase, or it has been erased"


@dataclass(eq=False)
class UnknownReportError(GridmapError, LookupError):
    incident: str
    message: ClassVar[str] = "there is no report {incident}"


@dataclass(eq=False)
class NoCallerError(GridmapError, LookupError):
    incident: str
    message: ClassVar[str] = "report {incident} names nobody who called, or that was erased"


@dataclass(eq=False)
class UnknownNoticeError(GridmapError, LookupError):
    notice: int
    message: ClassVar[str] = "you have no notice {notice}"


@dataclass(eq=False)
class WebhookUrlError(GridmapError, ValueError):
    url: str
    why: str
    message: ClassVar[str] = "nothing can be sent to {url!r}: {why}"


@dataclass(eq=False)
class UnknownWebhookError(GridmapError, LookupError):
    webhook: str
    message: ClassVar[str] = "there is no webhook {webhook} in your area"


@dataclass(eq=False)
class UnknownDeliveryError(GridmapError, LookupError):
    delivery: str
    message: ClassVar[str] = "there is no delivery {delivery}"
