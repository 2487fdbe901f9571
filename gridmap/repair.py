"""Repair what can be repaired without deciding whose ground something is; say every change.

Codes and parents are never touched, and neither is ground wider than a stated width: that is
for people to decide, and stands in what is left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap import topology
from gridmap.boundary import Draft, Layer
from gridmap.findings import Finding
from gridmap.findings import Kind as Fault
from gridmap.level import Level
from gridmap.measure import area_m2
from gridmap.patchwork import NOBODY, Closed, Ownership, Patchwork
from gridmap.surface import sound
from gridmap.topology import SLIVER_WIDTH_M

# What is closed can make its neighbour narrow. Two rounds are usual, and one more sees that nothing
# changes.
MAX_ROUNDS = 8


class Kind(StrEnum):
    """What was done to an area."""

    VERTICES = "vertices"  # a vertex that stood twice in a row stands once
    MENDED = "mended"  # an invalid outline, as `shapely.make_valid` reads it
    GAP = "gap"  # narrow ground that nobody had was given
    OVERLAP = "overlap"  # narrow ground that several had was left to one
    OUTSIDE = "outside"  # narrow ground in another parent was given up
    SPLINTER = "splinter"  # a narrow separate part was given to a neighbour
    NODED = "noded"  # lines got the vertices of their neighbours
    ROUNDED = "rounded"  # coordinates moved onto the grid of 0.1 mm


_SAYS = {
    Kind.VERTICES: "{level} {first}: {count} vertices that stood twice in a row stand once",
    Kind.MENDED: "{level} {first}: its outline is read as valid, which moves {moved_m2:,.2f} m²",
    Kind.GAP: "{level}: {moved_m2:,.2f} m² that nobody had go to {first}",
    Kind.OVERLAP: "{level}: {moved_m2:,.2f} m² that {first} had with {rest} go to {first} alone",
    Kind.OUTSIDE: "{level}: {moved_m2:,.2f} m² that {rest} had in another parent go to {first}",
    Kind.SPLINTER: "{level}: {moved_m2:,.2f} m², a separate part of {rest}, go to {first}",
    Kind.NODED: "{level} {first}: {count:+} vertices, on the lines of its neighbours",
    Kind.ROUNDED: "{level}: the coordinates of {count} areas are rounded to 1e-9 degrees (0.1 mm)",
}


@dataclass(frozen=True)
class Change:
    """One thing that was done: the codes (who has the ground now first), and the ground moved.

    ``geometry`` is the ground in EPSG:4490, or the area that was changed. The first code is
    "nobody" where ground was taken away because no parent has it.
    """

    kind: Kind
    level: Level
    codes: tuple[str, ...]
    moved_m2: float
    geometry: BaseGeometry
    count: int = 0

    def __str__(self) -> str:
        return _SAYS[self.kind].format(
            level=self.level,
            first=self.codes[0] if self.codes else "",
            rest=" and ".join(self.codes[1:]),
            moved_m2=self.moved_m2,
            count=self.count,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the geometry, ready for JSON."""
        return {
            "kind": self.kind,
            "level": self.level,
            "codes": list(self.codes),
            "moved_m2": self.moved_m2,
            "message": str(self),
        }


@dataclass(frozen=True)
class Repair:
    """A repaired draft, everything that was changed, and what is still wrong with it."""

    draft: Draft
    changes: tuple[Change, ...]
    left: tuple[Finding, ...]


def repair(draft: Draft, *, width_m: float = SLIVER_WIDTH_M) -> Repair:
    """Return a draft with what is narrow or only a matter of drawing put right.

    Repeated vertices are removed, invalid outlines read as `shapely.make_valid` reads them, and
    then, where something else is wrong, the lines of all levels noded together on a grid of 1e-9
    degrees: narrow gaps, overlaps, outside parts and splinters go to the area with the longest
    common line (see `gridmap.patchwork`), children following their parents.

    Parameters
    ----------
    draft
        A draft or a release; it stays as it is. The repaired one has another id and says in its
        notes that it was repaired.
    width_m
        Ground that is wider (twice the area over the outline) is never moved.

    Returns
    -------
    Repair
        ``left`` are the faults a check still finds: wide gaps and overlaps, and all that
        concerns codes and parents. Where nothing can be repaired the geometries are the same.

    Raises
    ------
    TilingError
        The lines do not come to rest on the grid.
    """
    layers, changes = dict(draft.layers), []
    for level in draft.levels:
        layers[level], done = _mended(layers[level])
        changes += done
    mended = replace(_plain(draft), layers=layers)
    for _ in range(MAX_ROUNDS):
        findings = topology.check(mended, sliver_width_m=width_m)
        if not _is_to_close(findings, width_m):
            break
        layers, done = _closed(mended, findings, width_m)
        if not done:
            break
        changes += done
        mended = replace(mended, layers=layers)
    repaired = _named(mended, changes) if changes else draft
    left = topology.faults(topology.check(repaired, sliver_width_m=width_m))
    return Repair(repaired, tuple(changes), left)


def _plain(draft: Draft) -> Draft:
    return Draft(draft.id, draft.title, draft.layers, draft.in_force_on, draft.provenance)


def _named(draft: Draft, changes: list[Change]) -> Draft:
    moved_m2 = sum(one.moved_m2 for one in changes)
    note = f"repaired from {draft.id}: {len(changes)} changes, {moved_m2:,.1f} m² moved"
    notes = [*draft.provenance.get("notes", ()), note]
    provenance: Mapping[str, Any] = {**draft.provenance, "notes": notes}
    return replace(draft, id=f"{draft.id}-repaired", provenance=provenance)


def _is_to_close(findings: tuple[Finding, ...], width_m: float) -> bool:
    narrow = any(one.width_m is not None and one.width_m < width_m for one in findings)
    return narrow or any(one.kind is Fault.UNMATCHED for one in findings)


# --- one area alone ---------------------------------------------------------------------------


def _mended(layer: Layer) -> tuple[Layer, list[Change]]:
    single = shapely.remove_repeated_points(layer.geometries)
    fewer = shapely.get_num_coordinates(layer.geometries) - shapely.get_num_coordinates(single)
    changes = [
        Change(Kind.VERTICES, layer.level, _codes(layer, row), 0.0, single[row], int(fewer[row]))
        for row in np.flatnonzero(fewer)
    ]
    valid = sound(single)
    for row in np.flatnonzero(~shapely.is_valid(single)):
        if valid[row].is_empty:  # nothing but lines: not ours to remove
            valid[row] = single[row]
            continue
        moved_m2 = abs(area_m2(valid[row]) - area_m2(single[row]))
        codes = _codes(layer, row)
        changes.append(Change(Kind.MENDED, layer.level, codes, moved_m2, valid[row]))
    return replace(layer, geometries=valid), changes


def _codes(layer: Layer, *rows: int | np.integer[Any]) -> tuple[str, ...]:
    return tuple("nobody" if row == NOBODY else str(layer.codes[row]) for row in rows)


# --- all levels together ----------------------------------------------------------------------


def _closed(
    draft: Draft, findings: tuple[Finding, ...], width_m: float
) -> tuple[dict[Level, Layer], list[Change]]:
    shapes = {level: sound(draft.layers[level].geometries) for level in draft.levels}
    patchwork = Patchwork.of(np.concatenate(list(shapes.values())))
    splinters = [one for one in findings if one.kind is Fault.SPLINTER]
    layers, changes = dict(draft.layers), []
    above: Layer | None = None
    owned_above: NDArray[np.int64] | None = None
    for level in draft.levels:
        layer = draft.layers[level]
        ownership = Ownership(
            patchwork,
            patchwork.owners(shapes[level]),
            parents=_parent_rows(layer, above),
            above=owned_above,
        )
        settled = ownership.settle(width_m=width_m)
        changes += [_change(layer, _kind(closed), closed) for closed in settled]
        for row, ground in _splinters(layer, splinters):
            given = ownership.give_away(ground, row)
            changes += [_change(layer, Kind.SPLINTER, closed) for closed in given]
        merged = patchwork.merged(ownership.owners, count=len(layer))
        layers[level], redrawn = _redrawn(layer, merged, changes)
        changes += redrawn
        above, owned_above = layer, ownership.rows()
    return layers, changes


def _parent_rows(layer: Layer, above: Layer | None) -> NDArray[np.int64]:
    if above is None:
        return np.full(len(layer), -1, dtype=np.int64)
    return np.array([above.row(str(parent)) for parent in layer.parents], dtype=np.int64)


def _splinters(layer: Layer, findings: list[Finding]) -> Iterator[tuple[int, BaseGeometry]]:
    for one in findings:
        if one.level is layer.level:
            yield layer.row(one.codes[0]), one.geometry


def _kind(closed: Closed) -> Kind:
    if not closed.had:
        return Kind.GAP
    return Kind.OVERLAP if closed.has in closed.had else Kind.OUTSIDE


def _change(layer: Layer, kind: Kind, closed: Closed) -> Change:
    codes = _codes(layer, closed.has, *(row for row in closed.had if row != closed.has))
    return Change(kind, layer.level, codes, area_m2(closed.ground), closed.ground)


def _redrawn(
    layer: Layer, merged: NDArray[np.object_], changes: list[Change]
) -> tuple[Layer, list[Change]]:
    """Return the layer with its new shapes, and the changes of those that moved no ground.

    A shape that is the same, begun at another vertex, stays the object it was; one that lost all
    its faces stays, too.
    """
    lost = merged == None  # noqa: E711 - an array
    merged[lost] = layer.geometries[lost]
    same = shapely.equals_exact(shapely.normalize(layer.geometries), shapely.normalize(merged))
    merged[same] = layer.geometries[same]
    told = {code for one in changes if one.level is layer.level for code in one.codes}
    added = shapely.get_num_coordinates(merged) - shapely.get_num_coordinates(layer.geometries)
    silent = [row for row in np.flatnonzero(~same).tolist() if str(layer.codes[row]) not in told]
    noded = [row for row in silent if added[row]]
    redrawn = [
        Change(Kind.NODED, layer.level, _codes(layer, row), 0.0, merged[row], int(added[row]))
        for row in noded
    ]
    if rounded := [row for row in silent if not added[row]]:
        codes = _codes(layer, *rounded)
        nowhere = shapely.Polygon()
        redrawn.append(Change(Kind.ROUNDED, layer.level, codes, 0.0, nowhere, len(rounded)))
    return replace(layer, geometries=merged), redrawn
