"""Place -> Attribution: per level, every area concerned, with its share or probability."""

import numpy as np

from gridmap.answering import Answered, Geometries, answered
from gridmap.answers import Answers, Floats
from gridmap.attribution import Attribution, LevelAttribution, Neighbour, Part, Tolerance
from gridmap.claims import Claims, share_ranges
from gridmap.level import Level
from gridmap.locate import LayerIndex, ReleaseIndex
from gridmap.place import Place, PlaceKind
from gridmap.places import Places
from gridmap.relation import RELATIONS, Relation


def attribute(
    place: Place, index: ReleaseIndex, *, tolerance: Tolerance | None = None
) -> Attribution:
    """Say whose a place is, at every level of the index's release.

    Raises
    ------
    OutsideReleaseError
        No area of the coarsest level holds a part of the place that counts, or the place reaches
        more than a degree over the edge of the release. (A gap at a finer level is an answer, not
        an error.)
    """
    found = answered(
        Places.of(place),
        index,
        levels=index.release.levels,
        tolerance=tolerance or Tolerance(),
    )
    for problem in found.places.problems.values():
        raise problem
    levels = tuple(_worded(found, index, level, place.kind) for level in found.levels)
    return Attribution(release=index.release.id, place=place, levels=levels)


def _worded(
    found: Answered, index: ReleaseIndex, level: Level, kind: PlaceKind
) -> LevelAttribution:
    """The answer of one level in words and numbers a person asks for."""
    answers, layer = found.levels[level], index.layers[level]
    is_point = kind is PlaceKind.POINT
    relation = RELATIONS[answers.found.relations[0]]
    ranges = share_ranges(found.places, answers.found, layer, plane=index.plane)
    parts = _parts(kind, layer, answers.found.claims, ranges)
    in_gap = relation is Relation.GAP if is_point else not parts
    return LevelAttribution(
        level=level,
        basis=layer.layer.basis,
        relation=relation,
        parts=tuple(part for part in parts if part.counts or is_point),
        touches=tuple(part for part in parts if not (part.counts or is_point)),
        nearby=_neighbours(found.flat, layer, answers, in_gap=in_gap),
        border_distance_m=float(answers.border_m[0]),
        line_accuracy_m=layer.layer.line_accuracy_m,
        gap_share=None if is_point else float(answers.found.gap_shares[0]),
    )


def _parts(
    kind: PlaceKind, layer: LayerIndex, claims: Claims, ranges: tuple[Floats, Floats]
) -> tuple[Part, ...]:
    columns = (claims.rows, claims.counts, claims.portions, claims.sizes)
    parts = []
    for row, counts, *numbers in zip(*columns, *ranges, strict=True):
        portion, size, low, high = (None if np.isnan(one) else float(one) for one in numbers)
        parts.append(
            Part(
                area=layer.layer.area(row),
                counts=bool(counts),
                share=None if kind is PlaceKind.POINT else portion,
                share_low=low,
                share_high=high,
                probability=portion if kind is PlaceKind.POINT else None,
                area_m2=size if kind is PlaceKind.FOOTPRINT else None,
                length_m=size if kind is PlaceKind.LINE else None,
            )
        )
    return tuple(parts)


def _neighbours(
    flat: Geometries, layer: LayerIndex, answers: Answers, *, in_gap: bool
) -> tuple[Neighbour, ...]:
    """The areas near the place with their distances; in a gap the nearest three."""
    _, rows = answers.others
    if in_gap:
        reach_m = 2.0 * float(answers.border_m[0]) + 1.0
        _, rows = layer.borderlines.within(flat, radius_m=reach_m)
    distances_m = layer.borderlines.distances_m(flat.repeat(len(rows)), rows)
    found = [
        Neighbour(layer.layer.area(row), float(distance_m))
        for row, distance_m in zip(rows, distances_m, strict=True)
    ]
    found.sort(key=lambda neighbour: (neighbour.distance_m, neighbour.area.code))
    return tuple(found[:3])
