"""A place on the map: its parts, their sizes, the border it sits on."""

from pathlib import Path

import folium
import numpy as np
import shapely

from gridmap.attribution import Attribution, LevelAttribution, Part
from gridmap.errors import NoLevelError
from gridmap.geo import LngLatBbox
from gridmap.level import Level
from gridmap.locate import LayerIndex, ReleaseIndex
from gridmap.place import PlaceKind
from gridmap.render.areas import draw_areas
from gridmap.render.sheet import BORDER, FIRST, OTHERS, draw, empty, write_legend

_MARGIN_DEG = 0.001  # some 100 m of surroundings


def place_map(
    answer: Attribution, index: ReleaseIndex, *, level: Level, leaflet: Path
) -> folium.Map:
    """Draw a place with the areas of one level: its parts, their sizes, the border it sits on.

    Parameters
    ----------
    leaflet
        The folder with ``leaflet.js`` and ``leaflet.css``.

    Raises
    ------
    NoLevelError
        The release lacks the level.
    MissingAssetsError
        Leaflet is not there.
    """
    if level not in index.layers:
        raise NoLevelError(level=level, release=index.release.id)
    layer, at_level = index.layers[level], answer.by_level[level]
    around = _around(answer)
    sheet = empty(around, leaflet=leaflet)
    draw_areas(sheet, layer, around)
    _draw_place(sheet, answer, layer, at_level)
    write_legend(sheet, _legend(answer, at_level))
    return sheet


def _around(answer: Attribution) -> LngLatBbox:
    west, south, east, north = answer.place.geometry.bounds
    return LngLatBbox(
        west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG
    )


def _draw_place(
    sheet: folium.Map, answer: Attribution, layer: LayerIndex, at_level: LevelAttribution
) -> None:
    place = answer.place
    if place.kind is PlaceKind.POINT:
        lng, lat = place.centre
        folium.CircleMarker((lat, lng), radius=6, color=FIRST, fill=True).add_to(sheet)
        if place.accuracy_m:
            folium.Circle((lat, lng), radius=place.accuracy_m, color=FIRST).add_to(sheet)
        return
    outlines = []
    for number, part in enumerate(at_level.parts):
        shape = layer.layer.geometries[layer.layer.row(part.area.code)]
        piece = shapely.intersection(shape, place.geometry)
        draw(sheet, piece, _said(part), OTHERS if number else FIRST, weight=2, fill=0.45)
        outlines.append(shapely.boundary(shape))
    inside = shapely.intersection(shapely.union_all(np.array(outlines)), place.geometry)
    draw(sheet, inside, "", BORDER, weight=4)


def _said(part: Part) -> str:
    size = f"{part.area_m2:,.1f} m²" if part.area_m2 is not None else f"{part.length_m:,.1f} m"
    return f"{part.area.name} {part.share:.1%} {size}"


def _legend(answer: Attribution, at_level: LevelAttribution) -> list[str]:
    parts = [_said(part) for part in at_level.parts if part.share is not None]
    return [
        *(parts or [part.area.name for part in at_level.parts]),
        f"{at_level.relation} · {at_level.border_distance_m:,.1f} m",
        f"{answer.release} · {at_level.level} · {at_level.basis}",
    ]
