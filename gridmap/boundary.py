"""Areas, and the frozen release that holds them: tree, ancestors, common superior."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap import codes as area_codes
from gridmap.errors import BadCodeError, DefinitionError, UnknownAreaError
from gridmap.geo import LngLatBbox
from gridmap.level import Basis, Level


@dataclass(frozen=True, slots=True)
class Area:
    """One unit of one level, without its geometry: what answers and messages carry."""

    level: Level
    code: str
    name: str
    parent: str | None


@dataclass(frozen=True)
class Layer:
    """All areas of one level as parallel arrays of length n, sorted by code.

    ``geometries`` are polygons or multipolygons in EPSG:4490, longitude first; holes and
    exclaves are normal. ``line_accuracy_m`` is how far a drawn line may lie from the true one;
    ``None`` where the publisher states nothing.
    """

    level: Level
    basis: Basis
    codes: NDArray[np.str_]
    names: NDArray[np.str_]
    parents: NDArray[np.str_]  # "" for an area without parent
    geometries: NDArray[np.object_]
    line_accuracy_m: float | None = None

    @staticmethod
    def build(
        level: Level,
        basis: Basis,
        *,
        codes: Iterable[str],
        names: Iterable[str],
        parents: Iterable[str],
        geometries: Iterable[BaseGeometry],
        line_accuracy_m: float | None = None,
    ) -> "Layer":
        """Check the codes and sort everything by code.

        Raises
        ------
        BadCodeError
            A code is ill-formed, stands twice, or does not begin with its parent's.
        """
        code_array = np.array(list(codes), dtype=np.str_)
        parent_array = np.array(list(parents), dtype=np.str_)
        for code, parent in zip(code_array, parent_array, strict=True):
            area_codes.check(str(code), level=level)
            if parent and not area_codes.is_parent(str(parent), str(code)):
                raise BadCodeError(
                    code=str(code), level=level, why=f"it does not begin with its parent {parent}"
                )
        order = np.argsort(code_array)
        code_array = code_array[order]
        for one, next_one in pairwise(code_array):
            if one == next_one:
                raise BadCodeError(code=str(one), level=level, why="it stands twice")
        return Layer(
            level=level,
            basis=basis,
            codes=code_array,
            names=np.array(list(names), dtype=np.str_)[order],
            parents=parent_array[order],
            geometries=np.array(list(geometries), dtype=object)[order],
            line_accuracy_m=line_accuracy_m,
        )

    def __len__(self) -> int:
        return len(self.codes)

    def row(self, code: str) -> int:
        """Return the row of a code; -1 when the layer has none."""
        at = int(np.searchsorted(self.codes, code))
        return at if at < len(self.codes) and self.codes[at] == code else -1

    def rows(self, codes: NDArray[np.str_]) -> NDArray[np.int64]:
        """Return the row of each code; -1 where the layer has none."""
        at = np.searchsorted(self.codes, codes).clip(max=len(self.codes) - 1)
        return np.where(self.codes[at] == codes, at, -1)

    def area(self, row: int) -> Area:
        return Area(
            level=self.level,
            code=str(self.codes[row]),
            name=str(self.names[row]),
            parent=str(self.parents[row]) or None,
        )


@dataclass(frozen=True)
class Release:
    """A frozen set of areas of all levels; never edited, only superseded.

    ``layers`` may lack levels (a city without a cell grid yet), never the tree between those it
    has. ``provenance`` is the definition it was read from: source, licence, dates, notes.
    """

    id: str
    title: str
    layers: Mapping[Level, Layer]
    in_force_on: date | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.layers:
            raise DefinitionError(path=self.id, key="levels", why="a release needs one level")

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels it has, coarsest first."""
        return tuple(level for level in Level if level in self.layers)

    @cached_property
    def bounds(self) -> LngLatBbox:
        """The extent of its coarsest level, in degrees."""
        box = shapely.total_bounds(self.layers[self.levels[0]].geometries)
        return LngLatBbox(*(float(side) for side in box))

    def find(self, code: str) -> tuple[Layer, int]:
        """Return the layer and row of a code.

        Raises
        ------
        UnknownAreaError
            No level has it.
        """
        for layer in self.layers.values():
            if (row := layer.row(code)) >= 0:
                return layer, row
        raise UnknownAreaError(code=code, release=self.id)

    def area(self, code: str) -> Area:
        layer, row = self.find(code)
        return layer.area(row)

    def geometry(self, code: str) -> BaseGeometry:
        """Return the polygon or multipolygon of a code, in EPSG:4490."""
        layer, row = self.find(code)
        shape: BaseGeometry = layer.geometries[row]
        return shape

    def ancestors(self, code: str) -> tuple[Area, ...]:
        """Return the areas above a code, nearest first; empty for the top."""
        above: list[Area] = []
        parent = self.area(code).parent
        while parent:
            above.append(self.area(parent))
            parent = above[-1].parent
        return tuple(above)

    def lowest_common_superior(self, codes: Iterable[str]) -> Area | None:
        """Return the lowest area above all the given ones: who can rule between them.

        Two streets of one district have the district; streets of two districts the city.
        ``None`` when they meet nowhere in this release.
        """
        lines = [self.ancestors(code) for code in codes]
        if not lines:
            return None
        shared = set(lines[0]).intersection(*lines[1:])
        return next((area for area in lines[0] if area in shared), None)
