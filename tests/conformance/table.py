"""The cases of cases.toml: cities, places, and the answers that every engine must give."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.boundary import Layer, Release
from gridmap.level import Basis, Level

FILE = Path(__file__).parent / "cases.toml"


@dataclass(frozen=True)
class Case:
    """One place in one city; ``expected`` is what its table says of each level it names."""

    name: str
    city: str
    wkt: str
    expected: dict[Level, object]
    accuracy_m: float | None = None

    def geometry(self, unit_deg: float = 1.0) -> BaseGeometry:
        return scaled(shapely.from_wkt(self.wkt), unit_deg)


@dataclass(frozen=True)
class Table:
    cities: dict[str, dict[Level, dict[str, str]]]
    points: list[Case]
    extents: list[Case]
    likely: list[Case]
    unit_deg: float
    confidence: float
    _releases: dict[tuple[str, float], Release] = field(default_factory=dict)

    def release(self, city: str, *, unit_deg: float = 1.0) -> Release:
        """A city as a release; small ones have another id, so that both can be stored."""
        if (city, unit_deg) not in self._releases:
            self._releases[city, unit_deg] = self._built(city, unit_deg)
        return self._releases[city, unit_deg]

    def _built(self, city: str, unit_deg: float) -> Release:
        areas = self.cities[city]
        layers = {
            level: Layer.build(
                level,
                Basis.SURVEYED,
                codes=areas[level],
                names=areas[level],
                parents=[parent(code, level, areas) for code in areas[level]],
                geometries=[
                    scaled(shapely.from_wkt(wkt), unit_deg) for wkt in areas[level].values()
                ],
            )
            for level in Level
            if level in areas
        }
        name = city if unit_deg == 1.0 else f"{city}-small"
        return Release(id=f"conformance-{name}", title=city, layers=layers)


def scaled(geometry: BaseGeometry, unit_deg: float) -> BaseGeometry:
    return shapely.transform(geometry, lambda xy: xy * unit_deg)


def parent(code: str, level: Level, areas) -> str:
    if level is Level.DISTRICT and Level.CITY in areas:
        return next(iter(areas[Level.CITY]))
    return code[:6] if level is Level.STREET else ""


def load() -> Table:
    given = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Table(
        cities={
            name: {level: city[level] for level in Level if level in city}
            for name, city in given["cities"].items()
        },
        points=[case(one) for one in given["points"]["cases"]],
        extents=[case(one) for one in given["extents"]["cases"]],
        likely=[case(one) for one in given["likely"]["cases"]],
        unit_deg=given["words"]["unit_deg"],
        confidence=given["likely"]["confidence"],
    )


def case(given) -> Case:
    return Case(
        name=given["name"],
        city=given["release"],
        wkt=given["wkt"],
        expected={level: given[level] for level in Level if level in given},
        accuracy_m=given.get("accuracy_m"),
    )
