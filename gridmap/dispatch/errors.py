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
