"""Who is on duty, on the wire."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from api.schemas.resolutions import AreaOut, ResolutionOut
from api.schemas.values import Wire
from gridmap.dispatch.actor import Role
from gridmap.dispatch.staff import Absence, Duty, Staff
from gridmap.dispatch.turnout import Crew, Serving, Turnout


def _within_reason(at: datetime) -> datetime:
    """Refuse instants beyond all calendars: a day before the first one there is none."""
    if at.year not in _YEARS:
        raise ValueError(f"ask about the years {_YEARS.start} to {_YEARS[-1]}")
    return at


_YEARS = range(2000, 2200)
Instant = Annotated[AwareDatetime, AfterValidator(_within_reason)]


class DutyAsked(Wire):
    """Whose duty is asked for, when, and seen from where."""

    role: Role
    at: Instant | None = Field(default=None, description="an instant; now if left out")
    near: str | None = Field(default=None, max_length=100, description="lng,lat in the crs")
    crs: str | None = Field(default=None, max_length=200, description="of near, never guessed")


class LocatedOut(Wire):
    """Where somebody was last, and how far from the place that was asked with."""

    point: tuple[float, float] = Field(description="longitude, latitude in CGCS2000")
    accuracy_m: float | None
    at: datetime
    distance_m: float


class StaffOut(Wire):
    """One person on duty; ``name`` is for people who have signed in."""

    id: str
    unit: str
    roles: tuple[Role, ...]
    name: str | None


MOST_NAMED = 20  # of one unit; a brigade on duty for the whole city would fill the answer


def _staff(found: Iterable[Staff], names: Mapping[str, str]) -> tuple[StaffOut, ...]:
    return tuple(
        StaffOut(id=one.id, unit=one.unit, roles=one.roles, name=names.get(one.id)) for one in found
    )


class CrewOut(Wire):
    """Who of a unit is on duty for the place, the nearest first; ``absence`` why nobody is."""

    unit: str
    unit_name: str
    staff: tuple[StaffOut, ...]
    total: int = Field(description="all on duty, not only those listed")
    absence: Absence | None
    next_at: datetime | None

    @classmethod
    def of(cls, crew: Crew, names: Mapping[str, str]) -> "CrewOut":
        muster = crew.muster
        return cls(
            unit=crew.unit.id,
            unit_name=crew.unit.name,
            staff=_staff(muster.staff[:MOST_NAMED], names),
            total=len(muster.staff),
            absence=muster.absence,
            next_at=muster.next_at,
        )


class ServingOut(Wire):
    """Who serves some of the smallest areas of the place with a role, from ``area`` on duty."""

    role: Role
    areas: tuple[AreaOut, ...]
    area: AreaOut | None
    staff: tuple[StaffOut, ...]
    absence: Absence | None
    next_at: datetime | None

    @classmethod
    def of(cls, serving: Serving, names: Mapping[str, str]) -> "ServingOut":
        duty = serving.duty
        return cls(
            role=duty.role,
            areas=tuple(AreaOut.of(area) for area in serving.areas),
            area=AreaOut.of(duty.area) if duty.area else None,
            staff=_staff(duty.staff[:MOST_NAMED], names),
            absence=duty.absence,
            next_at=duty.next_at,
        )


class TurnoutOut(Wire):
    """Who comes, as people on duty now; names are for people who have signed in."""

    units: tuple[CrewOut, ...]
    serving: tuple[ServingOut, ...]

    @classmethod
    def of(cls, turnout: Turnout, names: Mapping[str, str]) -> "TurnoutOut":
        return cls(
            units=tuple(CrewOut.of(crew, names) for crew in turnout.crews),
            serving=tuple(ServingOut.of(part, names) for part in turnout.serving),
        )


class ResolvedOut(ResolutionOut):
    """The answer for a place, with who is on duty where a category was named."""

    turnout: TurnoutOut | None

    @classmethod
    def of_resolution(
        cls, resolved: ResolutionOut, turnout: Turnout | None, names: Mapping[str, str]
    ) -> "ResolvedOut":
        return cls(**vars(resolved), turnout=TurnoutOut.of(turnout, names) if turnout else None)


class OnDutyOut(StaffOut):
    """``last`` only where it was asked ``near`` a place, and told not too long ago."""

    last: LocatedOut | None


class DutyOut(Wire):
    """Who serves an area with a role; ``absence`` says why nobody does."""

    role: Role
    at: datetime
    area: AreaOut | None
    staff: tuple[OnDutyOut, ...]
    absence: Absence | None
    next_at: datetime | None

    @classmethod
    def of(
        cls, duty: Duty, names: Mapping[str, str], located: Mapping[str, LocatedOut]
    ) -> "DutyOut":
        found = [
            OnDutyOut(**vars(one), last=located.get(one.id)) for one in _staff(duty.staff, names)
        ]
        # Nobody knows how far those are who told nothing; without ``near`` these are all.
        found.sort(key=lambda one: one.last.distance_m if one.last else math.inf)
        return cls(
            role=duty.role,
            at=duty.at,
            area=AreaOut.of(duty.area) if duty.area else None,
            staff=tuple(found),
            absence=duty.absence,
            next_at=duty.next_at,
        )
