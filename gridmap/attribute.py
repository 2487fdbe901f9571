"""Place -> Attribution: per level, every area concerned, with its share or probability."""

import numpy as np
import shapely

from gridmap.answers import Answers, Shapes, of_extents, of_positions, share_ranges
from gridmap.attribution import Attribution, LevelAttribution, Neighbour, Part, Tolerance
from gridmap.errors import OutsideReleaseError
from gridmap.geo import LngLat
from gridmap.locate import LayerIndex, ReleaseIndex
from gridmap.place import Place, PlaceKind
from gridmap.relation import RELATIONS, Relation

# How far a place may reach over the edge of a release: 100 km, more than any true one.
_OVER_EDGE_DEG = 1.0


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
    tolerance = tolerance or Tolerance()
    _refuse_far_reaching(place, index)
    coarsest = index.layers[index.release.levels[0]]
    if not coarsest.meeting(place.geometry).size:
        raise _outside(place.centre, index)
    shapes = Shapes.of(np.array([place.geometry], dtype=object), index.plane)
    levels = tuple(_worded(place, shapes, layer, tolerance) for layer in index.layers.values())
    if not levels[0].concerned:  # it touches the edge from outside, with a sliver at most
        raise _outside(place.centre, index)
    return Attribution(release=index.release.id, place=place, levels=levels)


def _refuse_far_reaching(place: Place, index: ReleaseIndex) -> None:
    """A place that reaches to another city is a slip, and distances are measured in one plane."""
    bounds = index.release.bounds
    xy = shapely.get_coordinates(place.geometry)
    low = np.array([bounds.west, bounds.south]) - _OVER_EDGE_DEG
    high = np.array([bounds.east, bounds.north]) + _OVER_EDGE_DEG
    far = ((xy < low) | (xy > high)).any(axis=1)
    if far.any():
        raise _outside(LngLat(*xy[far][0].tolist()), index)


def _outside(at: LngLat, index: ReleaseIndex) -> OutsideReleaseError:
    bounds = index.release.bounds
    return OutsideReleaseError(
        lng=at.lng,
        lat=at.lat,
        release=index.release.id,
        west=bounds.west,
        south=bounds.south,
        east=bounds.east,
        north=bounds.north,
        swapped=bounds.covers(LngLat(at.lat, at.lng)),
    )


def _worded(
    place: Place, shapes: Shapes, layer: LayerIndex, tolerance: Tolerance
) -> LevelAttribution:
    """The answer of one level in words and numbers a person asks for."""
    is_point = place.kind is PlaceKind.POINT
    if is_point:
        accuracies_m = np.array([place.accuracy_m or 0.0])
        answers = of_positions(shapes, accuracies_m, layer, tolerance=tolerance)
    else:
        answers = of_extents(shapes, layer, kind=place.kind, tolerance=tolerance)
    relation = RELATIONS[answers.relations[0]]
    parts = _parts(place.kind, shapes, layer, answers)
    in_gap = relation is Relation.GAP if is_point else not parts
    return LevelAttribution(
        level=layer.layer.level,
        basis=layer.layer.basis,
        relation=relation,
        parts=tuple(part for part in parts if part.counts or is_point),
        touches=tuple(part for part in parts if not (part.counts or is_point)),
        nearby=_neighbours(shapes, layer, answers, in_gap=in_gap),
        border_distance_m=float(answers.border_m[0]),
        line_accuracy_m=layer.layer.line_accuracy_m,
        gap_share=None if is_point else float(answers.gap_shares[0]),
    )


def _parts(
    kind: PlaceKind, shapes: Shapes, layer: LayerIndex, answers: Answers
) -> tuple[Part, ...]:
    claims = answers.claims
    columns = (claims.rows, claims.counts, claims.portions, claims.sizes)
    ranges = share_ranges(shapes, answers, layer)
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
    shapes: Shapes, layer: LayerIndex, answers: Answers, *, in_gap: bool
) -> tuple[Neighbour, ...]:
    """The areas near the place with their distances; in a gap the nearest three."""
    _, rows = answers.others
    if in_gap:
        reach_m = 2.0 * float(answers.border_m[0]) + 1.0
        _, rows = layer.borderlines.within(shapes.flat, radius_m=reach_m)
    distances_m = layer.borderlines.distances_m(shapes.flat.repeat(len(rows)), rows)
    found = [
        Neighbour(layer.layer.area(row), float(distance_m))
        for row, distance_m in zip(rows, distances_m, strict=True)
    ]
    found.sort(key=lambda neighbour: (neighbour.distance_m, neighbour.area.code))
    return tuple(found[:3])
