"""Which unit serves which area, with which department kind."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Ref
from api.schemas.units import UnitDetail, UnitList, UnitsAsked
from api.services.errors import AreaNotFoundError, UnitNotFoundError
from gridmap.boundary import Release
from gridmap.dispatch.directory import Unit

router = APIRouter(tags=["directory"])


@router.get("/units")
def list_units(reference: Ref, asked: Annotated[UnitsAsked, Query()]) -> UnitList:
    """Return the units that fit, by area and kind."""
    release, area, words = reference.index.release, asked.area, asked.q.strip().casefold()
    if area is not None and not release.has(area):
        raise AreaNotFoundError(code=area, release=release.id)
    found = [
        one
        for one in reference.directory
        if (asked.kind is None or one.kind == asked.kind)
        and (words in one.name.casefold() or words in one.id.casefold())
        and (area is None or _is_within(release, one.area_code, area))
    ]
    found.sort(key=_order)
    page = found[asked.offset : asked.offset + asked.limit]
    return UnitList.of(page, len(found), reference.catalogue)


@router.get("/units/{unit_id}")
def read_unit(unit_id: str, reference: Ref) -> UnitDetail:
    """Return one unit."""
    unit = reference.directory.find(unit_id)
    if unit is None:
        raise UnitNotFoundError(unit=unit_id)
    return UnitDetail.of_unit(unit, reference.catalogue, reference.index.release)


def _order(one: Unit) -> tuple[str, str]:
    return (one.area_code, one.kind)


def _is_within(release: Release, code: str, above: str) -> bool:
    """Whether an area is another one or below it; one that the release lacks is below none."""
    if code == above:
        return True
    return release.has(code) and above in {one.code for one in release.ancestors(code)}
