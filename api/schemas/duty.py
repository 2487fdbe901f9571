"""Who is on duty, on the wire."""

from collections.abc import Mapping
from datetime import datetime

from api.schemas.resolutions import AreaOut
from api.schemas.values import Wire
from gridmap.dispatch.actor import Role
from gridmap.dispatch.staff import Absence, Duty


class StaffOut(Wire):
    """One person on duty; ``name`` is for people who have signed in."""

    id: str
    unit: str
    roles: tuple[Role, ...]
    name: str | None


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
            staff=tuple(
                StaffOut(id=one.id, unit=one.unit, roles=one.roles, name=names.get(one.id))
                for one in duty.staff
            ),
            absence=duty.absence,
            next_at=duty.next_at,
        )
