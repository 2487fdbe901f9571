"""The directory on the wire."""

from collections.abc import Iterable

from pydantic import Field

from api.schemas.resolutions import AreaOut, UnitOut
from api.schemas.values import Wire
from gridmap.boundary import Release
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.directory import Unit


class UnitsAsked(Wire):
    """Which units are asked for."""

    area: str | None = Field(default=None, description="only units of this area and all below")
    kind: str | None = Field(default=None, description="only units of this department kind")
    q: str = Field(default="", max_length=100, description="a part of the name or the id")
    limit: int = Field(default=200, ge=1, le=1_000)
    offset: int = Field(default=0, ge=0, le=10_000_000)


class UnitList(Wire):
    units: tuple[UnitOut, ...]
    total: int = Field(description="all that fit, not only those listed")

    @classmethod
    def of(cls, found: Iterable[Unit], total: int, catalogue: Catalogue) -> "UnitList":
        return cls(units=tuple(UnitOut.of(one, catalogue) for one in found), total=total)


class UnitDetail(UnitOut):
    """One unit. ``area`` is null where the release that answers now lacks it."""

    can_rule: bool
    area: AreaOut | None
    ancestors: tuple[AreaOut, ...]

    @classmethod
    def of_unit(cls, unit: Unit, catalogue: Catalogue, release: Release) -> "UnitDetail":
        known = release.has(unit.area_code)
        above = release.ancestors(unit.area_code) if known else ()
        return cls(
            **vars(UnitOut.of(unit, catalogue)),
            can_rule=unit.can_rule,
            area=AreaOut.of(release.area(unit.area_code)) if known else None,
            ancestors=tuple(AreaOut.of(one) for one in above),
        )
