"""Who is on duty, on the wire."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import Field

from api.schemas.resolutions import AreaOut, ResolutionOut
from api.schemas.values import Wire
from gridmap.dispatch.actor import Role
from gridmap.dispatch.staff import Absence, Duty, Staff
from gridmap.dispatch.turnout import Crew, Serving, Turnout


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


class DutyOut(Wire):
    """Who serves an area with a role; ``absence`` says why nobody does."""

    role: Role
    at: datetime
    area: AreaOut | None
    staff: tuple[StaffOut, ...]
    absence: Absence | None
    next_at: datetime | None

    @classmethod
    def of(cls, duty: Duty, names: Mapping[str, str]) -> "DutyOut":
        return cls(
            role=duty.role,
            at=duty.at,
            area=AreaOut.of(duty.area) if duty.area else None,
            staff=_staff(duty.staff, names),
            absence=duty.absence,
            next_at=duty.next_at,
        )
