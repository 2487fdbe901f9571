"""Who serves an area with a role now (一格多人、一人多责)."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Here
from api.schemas.duty import DutyAsked, DutyOut, LocatedOut
from api.services import locating, rostering
from api.services.errors import AreaNotFoundError, NearError
from api.services.locating import Located
from api.services.turn import Turn
from gridmap.boundary import Area
from gridmap.dispatch.staff import Duty
from gridmap.errors import UnknownAreaError
from gridmap.place import point

router = APIRouter(tags=["directory"])


@router.get("/areas/{code}/duty")
async def read_duty(code: str, here: Here, asked: Annotated[DutyAsked, Query()]) -> DutyOut:
    """Return who serves an area with a role, or why nobody does; names for who is signed in.

    With ``near`` whoever commands or convenes over the area sees how far those on duty are.
    """
    release = here.reference.index.release
    try:
        area = release.area(code)
    except UnknownAreaError as error:
        raise AreaNotFoundError(code=code, release=release.id) from error
    duty = here.reference.roster.on_duty(area, asked.role, asked.at or here.now, release)
    located = await _located(here, area, duty, asked)
    return DutyOut.of(duty, await rostering.names(here, duty.staff), located)


async def _located(here: Turn, area: Area, duty: Duty, asked: DutyAsked) -> dict[str, LocatedOut]:
    if asked.near is None:
        return {}
    lng, lat = _numbers(asked.near)
    near = point(lng, lat, crs=asked.crs).centre
    found = await locating.distances(here, area, duty.staff, near)
    return {id_: _out(one) for id_, one in found.items()}


def _out(one: Located) -> LocatedOut:
    position = one.position
    return LocatedOut(
        point=(position.lnglat.lng, position.lnglat.lat),
        accuracy_m=position.accuracy_m,
        at=position.at,
        distance_m=one.distance_m,
    )


def _numbers(near: str) -> tuple[float, float]:
    try:
        lng, lat = map(float, near.split(","))
    except ValueError as error:
        raise NearError(given=near) from error
    return lng, lat
