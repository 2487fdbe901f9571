"""Who serves an area with a role now (一格多人、一人多责)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, AwareDatetime

from api.deps import Here
from api.schemas.duty import DutyOut
from api.services import rostering
from api.services.errors import AreaNotFoundError
from gridmap.dispatch.actor import Role
from gridmap.errors import UnknownAreaError

router = APIRouter(tags=["directory"])


def _within_reason(at: datetime) -> datetime:
    """Refuse instants beyond all calendars: a day before the first one there is none."""
    if at.year not in _YEARS:
        raise ValueError(f"ask about the years {_YEARS.start} to {_YEARS[-1]}")
    return at


_YEARS = range(2000, 2200)
Instant = Annotated[AwareDatetime, AfterValidator(_within_reason)]


@router.get("/areas/{code}/duty")
async def read_duty(
    code: str,
    here: Here,
    role: Role,
    at: Annotated[Instant | None, Query(description="an instant; now if left out")] = None,
) -> DutyOut:
    """Return who serves an area with a role, or why nobody does; names for who is signed in."""
    release = here.reference.index.release
    try:
        area = release.area(code)
    except UnknownAreaError as error:
        raise AreaNotFoundError(code=code, release=release.id) from error
    duty = here.reference.roster.on_duty(area, role, at or here.now, release)
    return DutyOut.of(duty, await rostering.names(here, duty.staff))
