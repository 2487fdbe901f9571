"""The levels below a release's streets, made: schematic communities and unit cells.

The areas above are the exact unions of what is made, so that the release with the new levels is
one tiling; their own lines are kept to the grid of `gridmap.tiling`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap import codes as area_codes
from gridmap import seeds as seed_points
from gridmap import tessellate, tiling
from gridmap.barriers import Barriers
from gridmap.boundary import Layer, Release
from gridmap.cell_policy import CellPolicy
from gridmap.errors import NoLevelError, TessellationError
from gridmap.level import Basis, Level
from gridmap.measure import area_m2, areas_m2
from gridmap.remark import Remark, RemarkKind
from gridmap.seeds import Seeds
from gridmap.unitcells import unit_cells

# Passes on the codes of the areas that are divided, one by one: a place for a progress bar.
Each = Callable[[Sequence[str]], Iterable[str]]

_NOWHERE = shapely.Point()


@dataclass(frozen=True)
class Subdivision:
    """A release with the levels that were made, and what could not be done as asked."""

    release: Release
    remarks: tuple[Remark, ...]


def divided(
    release: Release,
    *,
    policy: CellPolicy | None = None,
    barriers: Barriers | None = None,
    seeds: Seeds | None = None,
    within: str | None = None,
    cells: bool = True,
    release_id: str | None = None,
    each: Each = iter,
) -> Subdivision:
    """Return a release with unit cells, and schematic communities where it has none.

    Parameters
    ----------
    release
        Needs a street or community level. Cells it has are made anew.
    policy
        Sizes; see `gridmap.cell_policy.CellPolicy`.
    barriers
        Lines that no cell crosses.
    seeds
        Shape (n, 2), EPSG:4490 degrees: a community around each, also where the release has
        communities. A street without a seed is divided evenly.
    within
        The code of one area; the answer has that area alone, and the levels below it. Seeds and
        barriers elsewhere in the release are passed over.
    cells
        Whether cells are made; without, only communities.
    release_id
        Of the new release; by default the old one with ``-grid``.
    each
        Passes on the codes of the areas that are divided, for a progress bar.

    Raises
    ------
    NoLevelError
        The release has no street level, and new communities were asked for or it has none.
    NumberingError
        More than 999 areas in one parent.
    TessellationError
        An area is not valid, or an area above is not the union of those below it.
    UnknownAreaError
        The release has no area ``within``.
    """
    policy = policy or CellPolicy()
    whole = release if within is None else _within(release, within)
    made = _Made(policy=policy, barriers=barriers or Barriers.build([]))
    base = _base(whole, fresh=seeds is not None or not cells)
    finest = whole.layers[base]
    if base is Level.STREET:
        own = None if seeds is None else _concerned(seeds, whole, release)
        finest = made.communities(finest, own, each)
    if cells:
        finest = made.cells(finest, each)
    made.told_outside(release)
    layers = _layers(whole, base, finest)
    return Subdivision(
        release=Release(
            id=release_id or f"{release.id}-grid",
            title=release.title,
            layers=layers,
            in_force_on=release.in_force_on,
            provenance=_provenance(release, layers, made=base),
        ),
        remarks=tuple(made.remarks),
    )


def _provenance(release: Release, layers: Mapping[Level, Layer], *, made: Level) -> dict[str, Any]:
    """Return what the release was read from, and of the levels below ``made`` that we made them."""
    cited = release.provenance.get("levels", {})
    ours = {
        "source": f"gridmap.subdivision, inside the {made} level of {release.id}",
        "licence": release.provenance.get("licence"),
        "notes": ["示意: invented shapes and numbers; no real unit has this line, code or name."],
        "basis": str(Basis.SCHEMATIC),
        "line_accuracy_m": None,
    }
    levels = {
        str(level): ours if level.depth > made.depth else cited.get(str(level), {})
        for level in layers
    }
    return {**release.provenance, "levels": levels}


def _base(release: Release, *, fresh: bool) -> Level:
    """Return the level that is divided: the communities, or the streets for new communities."""
    given = Level.COMMUNITY in release.layers and not fresh
    level = Level.COMMUNITY if given else Level.STREET
    if level not in release.layers:
        raise NoLevelError(level=level, release=release.id)
    return level


def _concerned(seeds: Seeds, whole: Release, release: Release) -> Seeds:
    """Return the seeds without those that lie in the release, but not in the part of it."""
    points = shapely.points(np.asarray(seeds, dtype=np.float64).reshape(-1, 2))
    here, anywhere = (_are_in(one, points) for one in (whole, release))
    kept: Seeds = shapely.get_coordinates(points[here | ~anywhere])
    return kept


def _are_in(release: Release, points: NDArray[np.object_]) -> NDArray[np.bool_]:
    tree = shapely.STRtree(release.layers[release.levels[0]].geometries)
    rows, _ = tree.query(points, predicate="intersects")
    return np.isin(np.arange(len(points)), rows)


def _within(release: Release, code: str) -> Release:
    """Return the release of one area alone, and the levels below it that can be divided."""
    top = release.area(code).level
    layers: dict[Level, Layer] = {}
    kept = np.array([code])
    for level in release.levels:
        layer = release.layers[level]
        if level is top:
            layers[level] = _rows(layer, layer.codes == code, parents=np.array([""]))
        elif level.depth > top.depth and level is not Level.CELL:
            chosen = np.isin(layer.parents, kept)
            layers[level] = _rows(layer, chosen, parents=layer.parents[chosen])
            kept = layers[level].codes
    return replace(release, layers=layers)


def _rows(layer: Layer, chosen: NDArray[np.bool_], *, parents: NDArray[np.str_]) -> Layer:
    return replace(
        layer,
        codes=layer.codes[chosen],
        names=layer.names[chosen],
        parents=parents,
        geometries=layer.geometries[chosen],
    )


@dataclass
class _Made:
    """What is made on the way, with the remarks it gives rise to."""

    policy: CellPolicy
    barriers: Barriers
    remarks: list[Remark] = field(default_factory=list)

    def communities(self, streets: Layer, seeds: Seeds | None, each: Each) -> Layer:
        """Return schematic communities: around the seeds, or of about equal size without."""
        by_street = None if seeds is None else self._seeds_of(streets, seeds)
        codes: list[str] = []
        shapes: list[BaseGeometry] = []
        for code in each([str(code) for code in streets.codes]):
            street = streets.geometries[streets.row(code)]
            found = self._communities_of(code, street, by_street)
            codes += area_codes.numbered(code, len(found))
            shapes += list(found)
        return _schematic(Level.COMMUNITY, codes, shapes)

    def _communities_of(
        self, code: str, street: BaseGeometry, by_street: dict[str, Seeds] | None
    ) -> NDArray[np.object_]:
        if by_street and len(own := by_street.get(code, np.empty((0, 2)))):
            found = seed_points.territories(street, own)
            return found[tessellate.reading_order(found)]
        if by_street is not None:
            self.remarks.append(Remark(RemarkKind.NO_SEED, code, 0.0, _NOWHERE))
        count = self.policy.communities(area_m2(street))
        area_codes.numbered(code, count)
        return tessellate.pieces(street, count=count)

    def _seeds_of(self, streets: Layer, seeds: Seeds) -> dict[str, Seeds]:
        """Return the seeds of each street; the lowest code has one on a border."""
        once, counts = seed_points.unique(seeds)
        points = shapely.points(once)
        at, rows = shapely.STRtree(streets.geometries).query(points, predicate="intersects")
        street = np.full(len(once), len(streets))
        np.minimum.at(street, at, rows)
        on_border = np.bincount(at, minlength=len(once)) > 1
        names = [*streets.codes.tolist(), "every street"]
        for row, point in enumerate(points):
            code = names[street[row]]
            if counts[row] > 1:
                self.remarks.append(Remark(RemarkKind.SEED_TWICE, code, float(counts[row]), point))
            if street[row] == len(streets):
                self.remarks.append(Remark(RemarkKind.SEED_OUTSIDE, code, 0.0, point))
            elif on_border[row]:
                self.remarks.append(Remark(RemarkKind.SEED_ON_BORDER, code, 0.0, point))
        return {names[row]: once[street == row] for row in np.unique(street[street < len(streets)])}

    def cells(self, communities: Layer, each: Each) -> Layer:
        codes: list[str] = []
        shapes: list[BaseGeometry] = []
        for code in each([str(code) for code in communities.codes]):
            community = communities.geometries[communities.row(code)]
            # What would be too many without any barrier is refused before the long work.
            area_codes.numbered(code, self.policy.count(area_m2(community)))
            found = unit_cells(community, barriers=self.barriers, policy=self.policy)
            own = area_codes.numbered(code, len(found))
            self.remarks += found.remarks(own)
            codes += own
            shapes += list(found.shapes)
        return _schematic(Level.CELL, codes, shapes)

    def told_outside(self, release: Release) -> None:
        """Remark on the barriers that lie outside the release."""
        outside = self.barriers.outside(release.layers[release.levels[0]].geometries)
        if len(outside):
            kind = RemarkKind.BARRIER_OUTSIDE
            self.remarks.append(Remark(kind, "", float(len(outside)), _NOWHERE))


def _schematic(level: Level, codes: list[str], shapes: list[BaseGeometry]) -> Layer:
    """Return a made layer: its areas are numbered and say 示意, for nothing there is real."""
    word = "示意社区" if level is Level.COMMUNITY else "示意网格"
    return Layer.build(
        level,
        Basis.SCHEMATIC,
        codes=codes,
        names=[f"{word} {code[-3:] if level is Level.COMMUNITY else code}" for code in codes],
        parents=[code[: area_codes.DIGITS[level] - 3] for code in codes],
        geometries=tiling.exact(shapes),
    )


def _layers(release: Release, base: Level, finest: Layer) -> dict[Level, Layer]:
    """Return all layers of the new release, coarsest first, each the exact union of the next."""
    found = [finest]
    if finest.level is Level.CELL and base is Level.STREET:
        found.append(_communities_again(finest))
    above = [level for level in release.levels if level.depth <= base.depth]
    for level in reversed(above):
        found.append(_united(release.layers[level], found[-1]))
    return {layer.level: layer for layer in reversed(found)}


def _communities_again(cells: Layer) -> Layer:
    """Return the communities that cells were made in, as the unions of these."""
    codes, shapes = tiling.unions(cells.geometries, cells.parents)
    layer = _schematic(Level.COMMUNITY, codes.tolist(), list(shapes))
    return replace(layer, geometries=shapes)


def _united(layer: Layer, children: Layer) -> Layer:
    """Return a layer with its geometries made of its children, when that is only rounding."""
    codes, shapes = tiling.unions(children.geometries, children.parents)
    if missing := sorted(set(layer.codes.tolist()) ^ set(codes.tolist())):
        why = f"{layer.level} {missing[0]} and the {children.level} level do not belong together"
        raise TessellationError(why=f"{why}; run `gridmap check`")
    # What snapping may move: a grid on either side of every line, in two rounds.
    allowed = 2 * tiling.GRID_DEG * shapely.length(layer.geometries)
    changed = shapely.area(shapely.symmetric_difference(layer.geometries, shapes))
    if (changed > allowed).any():
        row = int(np.argmax(changed - allowed))
        differs_m2 = areas_m2(shapely.symmetric_difference(layer.geometries[[row]], shapes[[row]]))
        why = (
            f"{layer.level} {layer.codes[row]} differs by {differs_m2[0]:,.2f} m² from the union "
            f"of the {children.level} level below it, or overlaps a neighbour; run `gridmap check` "
            "and repair the release first"
        )
        raise TessellationError(why=why)
    return replace(layer, geometries=shapes)
