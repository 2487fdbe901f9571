"""Grants as people read them: with the names of areas and units."""

from uuid import UUID

from api.schemas.accounts import GrantOut
from api.schemas.resolutions import AreaOut, UnitOut
from gridmap.dispatch.actor import Grant
from gridmap.errors import UnknownAreaError
from gridmap.resolution import Reference


def granted(grant: Grant, reference: Reference | None, *, id: UUID | None = None) -> GrantOut:  # noqa: A002 - the field's name
    """Return a grant with the names that the reference, if there is any yet, knows now."""
    unit = reference.directory.find(grant.unit) if reference and grant.unit else None
    return GrantOut(
        id=id,
        role=grant.role,
        area_code=grant.area_code,
        area=_area(grant.area_code, reference) if reference else None,
        unit=UnitOut.of(unit, reference.catalogue) if reference and unit else None,
    )


def _area(code: str, reference: Reference) -> AreaOut | None:
    try:
        return AreaOut.of(reference.index.release.area(code))
    except UnknownAreaError:
        return None
