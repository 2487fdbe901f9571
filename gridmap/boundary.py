"""Areas, the draft that was read of them, and the frozen release: tree, common superior."""

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
from gridmap.level import Basis, Level, ParentsBy


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
    parents_by: ParentsBy = ParentsBy.CODE

    @staticmethod
    def unchecked(
        level: Level,
        basis: Basis,
        *,
        codes: Iterable[str],
        names: Iterable[str],
        parents: Iterable[str],
        geometries: Iterable[BaseGeometry],
        line_accuracy_m: float | None = None,
        parents_by: ParentsBy = ParentsBy.CODE,
    ) -> "Layer":
        """Sort everything by code, whatever the codes are; equal ones stay in the given order.

        See Also
        --------
        build : the same for a release, with every code checked.
        """
        code_array = np.array(list(codes), dtype=np.str_)
        order = np.argsort(code_array, kind="stable")
        return Layer(
            level=level,
            basis=basis,
            codes=code_array[order],
            names=np.array(list(names), dtype=np.str_)[order],
            parents=np.array(list(parents), dtype=np.str_)[order],
            geometries=np.array(list(geometries), dtype=object)[order],
            line_accuracy_m=line_accuracy_m,
            parents_by=parents_by,
        )

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
        parents_by: ParentsBy = ParentsBy.CODE,
    ) -> "Layer":
        """Sort everything by code and check the codes.

        Raises
        ------
        BadCodeError
            A code is ill-formed, stands twice, or does not begin with its parent's (where the
            parents are told by the codes).
        """
        return Layer.unchecked(
            level,
            basis,
            codes=codes,
            names=names,
            parents=parents,
            geometries=geometries,
            line_accuracy_m=line_accuracy_m,
            parents_by=parents_by,
        ).checked()

    def checked(self) -> "Layer":
        """Return the layer itself, when its codes are those of a release.

        Raises
        ------
        BadCodeError
            See `build`.
        """
        for row, code in enumerate(self.codes):
            area_codes.check(str(code), level=self.level)
            if self.is_foreign(row):
                why = f"it does not begin with its parent {self.parents[row]}"
                raise BadCodeError(code=str(code), level=self.level, why=why)
        for one, next_one in pairwise(self.codes):
            if one == next_one:
                raise BadCodeError(code=str(one), level=self.level, why="it stands twice")
        return self

    def is_foreign(self, row: int) -> bool:
        """Tell whether an area names a parent that its code should begin with and does not."""
        parent, code = str(self.parents[row]), str(self.codes[row])
        told_by_code = self.parents_by is ParentsBy.CODE
        return bool(parent) and told_by_code and not area_codes.is_parent(parent, code)

    def __len__(self) -> int:
        return len(self.codes)

    def row(self, code: str) -> int:
        """Return the row of a code; -1 when the layer has none."""
        at = int(np.searchsorted(self.codes, code))
        return at if at < len(self.codes) and self.codes[at] == code else -1

    def rows(self, codes: NDArray[np.str_]) -> NDArray[np.int64]:
        """Return the row of each code; -1 where the layer has none."""
        if not len(self.codes):
            return np.full(len(codes), -1)
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
class Draft:
    """What was read of a set of boundaries, before anyone looked whether it is right.

    Its codes may be ill-formed or stand twice, its parents may not exist. `gridmap.topology`
    says what is wrong with it; only a `Release` answers questions.

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

    def release(self) -> "Release":
        """Return the release it is, when every code and parent is right.

        An area without a parent passes: `gridmap.topology` tells it as an orphan.

        Raises
        ------
        BadCodeError
            A code is ill-formed, stands twice, or does not begin with its parent's; or a parent
            is named that the next coarser level does not have.
        """
        for layer in self.layers.values():
            layer.checked()
        for above, level in pairwise(self.levels):
            _refuse_missing_parents(self.layers[above], self.layers[level])
        return Release(
            id=self.id,
            title=self.title,
            layers=self.layers,
            in_force_on=self.in_force_on,
            provenance=self.provenance,
        )


def _refuse_missing_parents(above: Layer, layer: Layer) -> None:
    missing = (layer.parents != "") & ~np.isin(layer.parents, above.codes)
    for row in np.flatnonzero(missing):
        why = (
            f"its parent {layer.parents[row]} is not among the {len(above)} areas of {above.level}"
        )
        raise BadCodeError(code=str(layer.codes[row]), level=layer.level, why=why)


@dataclass(frozen=True)
class Release(Draft):
    """A frozen set of areas of all levels; never edited, only superseded.

    `Layer.build` and `Draft.release` check the codes; whether the lines fit together is
    `gridmap.topology`'s question.
    """

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

    def has(self, code: str) -> bool:
        """Tell whether any level has a code."""
        return any(layer.row(code) >= 0 for layer in self.layers.values())

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
