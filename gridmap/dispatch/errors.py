"""What can be wrong with dispatch data, and with a step someone asks for."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from gridmap.errors import GridmapError


@dataclass(eq=False)
class PolicyDataError(GridmapError, ValueError):
    """A catalogue, directory or policy document is wrong."""

    document: str
    where: str
    why: str
    message: ClassVar[str] = "{document}: {where}: {why}"


class UnreachableRuleError(PolicyDataError):
    """A rule of the chain can never decide anything where it stands."""


class PolicyCycleError(PolicyDataError):
    """Policies build on each other in a circle."""


@dataclass(eq=False)
class ClockError(GridmapError, ValueError):
    """A clock was given what is no span, no instant or no pause."""


@dataclass(eq=False)
class NaiveInstantError(ClockError):
    instant: datetime
    message: ClassVar[str] = (
        "{instant} names no time zone; a clock needs an aware instant, such as "
        "2026-11-25T08:00:00+08:00"
    )


@dataclass(eq=False)
class SpanError(ClockError):
    minutes: float
    longest_min: float
    message: ClassVar[str] = (
        "a clock cannot run for {minutes} minutes; give more than 0 and at most {longest_min:,.0f}"
    )


@dataclass(eq=False)
class PauseError(ClockError):
    from_at: datetime
    until_at: datetime
    message: ClassVar[str] = (
        "a pause from {from_at} cannot end at {until_at}; give an end after its beginning, or none"
    )


@dataclass(eq=False)
class WorkingHoursError(ClockError):
    interval: str
    why: str
    message: ClassVar[str] = (
        "working hours {interval!r}: {why}; give one or more intervals in order, inside one day"
    )


@dataclass(eq=False)
class ShiftError(GridmapError, ValueError):
    shift: str
    why: str
    message: ClassVar[str] = "shift {shift!r}: {why}"


@dataclass(eq=False)
class UnknownCategoryError(GridmapError, LookupError):
    category: str
    catalogue: str
    message: ClassVar[str] = (
        "category {category!r} is not in catalogue {catalogue}; choose a code from it"
    )


@dataclass(eq=False)
class SigningError(GridmapError):
    """An agreement does not allow this step now."""

    agreement: str


@dataclass(eq=False)
class ForeignPartyError(SigningError):
    party: str
    parties: list[str]
    message: ClassVar[str] = (
        "{party} is no party to agreement {agreement}; those who sign it are {parties}"
    )


@dataclass(eq=False)
class ForeignSignatureError(SigningError):
    parties: list[str]
    message: ClassVar[str] = (
        "agreement {agreement}: only who convenes, commands or administers {parties} can do this"
    )


@dataclass(eq=False)
class AlreadySignedError(SigningError):
    party: str
    message: ClassVar[str] = "{party} has signed agreement {agreement} already"


@dataclass(eq=False)
class AgreementOverError(SigningError):
    ended_at: str
    message: ClassVar[str] = (
        "agreement {agreement} was ended at {ended_at}; propose a new one instead"
    )


@dataclass(eq=False)
class UnknownOwnerError(GridmapError, LookupError):
    unit: str
    message: ClassVar[str] = "unit {unit!r} is not in the directory; name one that it has"


@dataclass(eq=False)
class AgreementError(GridmapError, ValueError):
    """An agreement on a stretch of border cannot be."""

    agreement: str


@dataclass(eq=False)
class AgreementPartiesError(AgreementError):
    parties: list[str]
    message: ClassVar[str] = (
        "agreement {agreement} names the parties {parties}; name two or more, each once"
    )


@dataclass(eq=False)
class AgreementLeadError(AgreementError):
    lead: str
    parties: list[str]
    message: ClassVar[str] = (
        "agreement {agreement}: the lead {lead} is not one of its parties ({parties}); "
        "name one of them"
    )


@dataclass(eq=False)
class AgreementDatesError(AgreementError):
    valid_from: str
    valid_until: str
    message: ClassVar[str] = (
        "agreement {agreement} would end on {valid_until}, before it begins on {valid_from}; "
        "turn the dates around"
    )


@dataclass(eq=False)
class AgreementHoursError(AgreementError):
    weekdays: list[int]
    message: ClassVar[str] = (
        "agreement {agreement}: hours on the weekdays {weekdays}; "
        "name days from 1 (Monday) to 7 (Sunday), at least one"
    )


@dataclass(eq=False)
class AgreementReachError(AgreementError):
    kind: str
    reach_m: float
    limit_m: float
    message: ClassVar[str] = (
        "agreement {agreement}: a {kind} with a reach of {reach_m} m; draw a line with a reach "
        "above 0 m, or an area, and a reach of at most {limit_m:,.0f} m"
    )


@dataclass(eq=False)
class AgreementOffBorderError(AgreementError):
    distance_m: float
    reach_m: float
    message: ClassVar[str] = (
        "agreement {agreement} reaches {reach_m:,.0f} m and lies {distance_m:,.0f} m from a second "
        "party; draw it on the border of two of its parties, in the CRS that you declare"
    )


@dataclass(eq=False)
class OverlappingAgreementsError(AgreementError):
    title: str
    other: str
    other_title: str
    lng: float
    lat: float
    when: str
    message: ClassVar[str] = (
        "agreement {agreement} ({title}) and {other} ({other_title}) name different leads for the "
        "same thing at {lng}, {lat} on {when}; end the older one first, or narrow places, "
        "categories, hours or dates"
    )


@dataclass(eq=False)
class LimitError(GridmapError, ValueError):
    """A place is beyond what the policy accepts; the library's own functions have no limit."""


@dataclass(eq=False)
class FootprintTooLargeError(LimitError):
    area_m2: float
    limit_m2: float
    message: ClassVar[str] = (
        "the footprint covers {area_m2:,.0f} m2 and the policy accepts {limit_m2:,.0f} m2; "
        "draw the building or site itself, or report its parts"
    )


@dataclass(eq=False)
class LineTooLongError(LimitError):
    length_m: float
    limit_m: float
    message: ClassVar[str] = (
        "the line is {length_m:,.0f} m long and the policy accepts {limit_m:,.0f} m; "
        "draw the stretch itself, or report its parts"
    )


@dataclass(eq=False)
class TooVagueError(LimitError):
    accuracy_m: float
    limit_m: float
    message: ClassVar[str] = (
        "the position is known to {accuracy_m:,.0f} m and the policy accepts {limit_m:,.0f} m; "
        "set the point on the map"
    )


@dataclass(eq=False)
class TooManyVerticesError(LimitError):
    vertices: int
    limit: int
    message: ClassVar[str] = (
        "the place has {vertices} vertices and the policy accepts {limit}; simplify its outline"
    )
