"""Who there is: units by area and department kind, and the nearest one up the tree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gridmap.boundary import Area, Release
from gridmap.dispatch.errors import PolicyDataError

GOVERNMENT = "government"  # an area's own office: 街道办事处, 乡镇政府, 区政府, 市政府


@dataclass(frozen=True)
class Unit:
    """One department's office for one area. ``can_rule``: may designate jurisdiction (指定管辖)."""

    id: str
    name: str
    kind: str
    area_code: str
    can_rule: bool = False


class Directory:
    """Units looked up by (area, kind); an immutable snapshot of the service's register."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units: dict[tuple[str, str], Unit] = {}
        self._by_id: dict[str, Unit] = {}
        for unit in units:
            key = (unit.area_code, unit.kind)
            if key in self._units:
                why = f"{self._units[key].id} serves the same area with the same kind"
                raise PolicyDataError("directory", f"unit {unit.id}", why)
            self._units[key] = unit
            self._by_id[unit.id] = unit

    def __contains__(self, unit_id: object) -> bool:
        return unit_id in self._by_id

    def __len__(self) -> int:
        return len(self._units)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._by_id.values())

    def at(self, area: Area, kind: str) -> Unit | None:
        """Return the unit of exactly this area."""
        return self._units.get((area.code, kind))

    def find(self, unit_id: str) -> Unit | None:
        """Return the unit with an id."""
        return self._by_id.get(unit_id)

    def nearest(self, area: Area, kind: str, release: Release) -> Unit | None:
        """Return the unit of the area or of its nearest ancestor that has one."""
        for step in (area, *release.ancestors(area.code)):
            if unit := self.at(step, kind):
                return unit
        return None
