"""folium maps: one self-contained HTML file that opens from a USB stick without a network.

The only place with (lat, lng): Leaflet's order.
"""

import base64
import html
from pathlib import Path

import folium
import numpy as np
import shapely
from branca.element import Element, Figure
from shapely.geometry.base import BaseGeometry

from gridmap import geojson
from gridmap.attribution import Attribution, LevelAttribution, Part
from gridmap.errors import MissingAssetsError, NoLevelError
from gridmap.geo import LngLatBbox
from gridmap.level import Basis, Level
from gridmap.locate import LayerIndex, ReleaseIndex
from gridmap.place import PlaceKind

FIRST, OTHERS, BORDER, LINES = "#1b3f8f", "#e09b00", "#b5177f", "#55554f"
_DASHES = {Basis.SCHEMATIC: "6 4"}
_MARGIN_DEG = 0.001  # some 100 m of surroundings


def place_map(
    answer: Attribution, index: ReleaseIndex, *, level: Level, leaflet: Path
) -> folium.Map:
    """Draw a place with the areas of one level: its parts, their sizes, the border it sits on.

    Parameters
    ----------
    leaflet
        The folder with ``leaflet.js`` and ``leaflet.css``; they become part of the map, which
        refers to no other file or host.

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
    west, south, east, north = _around(answer)
    sheet = folium.Map(tiles=None, control_scale=True, prefer_canvas=True)
    sheet.default_js = [("leaflet", _inlined(leaflet / "leaflet.js", "text/javascript"))]
    sheet.default_css = [("leaflet_css", _inlined(leaflet / "leaflet.css", "text/css"))]
    _draw_areas(sheet, layer, LngLatBbox(west, south, east, north))
    _draw_place(sheet, answer, layer, at_level)
    sheet.fit_bounds([(south, west), (north, east)])
    figure = sheet.get_root()
    assert isinstance(figure, Figure)  # a map that stands alone makes its own
    figure.html.add_child(Element(_legend(answer, at_level)))
    return sheet


def _around(answer: Attribution) -> LngLatBbox:
    west, south, east, north = answer.place.geometry.bounds
    return LngLatBbox(
        west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG
    )


def _inlined(path: Path, media_type: str) -> str:
    if not path.exists():
        raise MissingAssetsError(path=str(path))
    return f"data:{media_type};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def _draw_areas(sheet: folium.Map, layer: LayerIndex, around: LngLatBbox) -> None:
    """The lines in the window, each once, and every area's name on its own side."""
    window = shapely.box(*around)
    rows = layer.meeting(window)
    shapes = layer.layer.geometries[rows]
    lines = shapely.intersection(shapely.union_all(shapely.boundary(shapes)), window)
    _add(sheet, lines, "", LINES, weight=2, basis=layer.layer.basis)
    for row, visible in zip(rows, shapely.intersection(shapes, window), strict=True):
        if visible.area:
            _name(sheet, visible, layer.layer.area(row).name)


def _name(sheet: folium.Map, visible: BaseGeometry, name: str) -> None:
    """Write a name inside an area.

    A tooltip on nothing: a marker, even one with a text icon, would ask for a picture.
    """
    spot = shapely.get_point(shapely.maximum_inscribed_circle(visible), 0)
    label = folium.Tooltip(
        html.escape(name), sticky=False, permanent=True, direction="center", class_name="name"
    )
    folium.CircleMarker((spot.y, spot.x), radius=0, opacity=0, tooltip=label).add_to(sheet)


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
        _add(sheet, piece, _said(part), OTHERS if number else FIRST, weight=2, fill=0.45)
        outlines.append(shapely.boundary(shape))
    inside = shapely.intersection(shapely.union_all(np.array(outlines)), place.geometry)
    _add(sheet, inside, "", BORDER, weight=4)


def _add(
    sheet: folium.Map,
    shape: BaseGeometry,
    words: str,
    colour: str,
    *,
    weight: int,
    fill: float = 0.0,
    basis: Basis | None = None,
) -> None:
    if shape.is_empty:
        return
    style = {
        "color": colour,
        "weight": weight,
        "fillOpacity": fill,
        "dashArray": _DASHES.get(basis) if basis else None,
    }
    folium.GeoJson(
        geojson.dump(shape),
        style_function=lambda _feature: style,
        tooltip=folium.Tooltip(html.escape(words)) if words else None,
    ).add_to(sheet)


def _said(part: Part) -> str:
    size = f"{part.area_m2:,.1f} m²" if part.area_m2 is not None else f"{part.length_m:,.1f} m"
    return f"{part.area.name} {part.share:.1%} {size}"


def _legend(answer: Attribution, at_level: LevelAttribution) -> str:
    parts = [_said(part) for part in at_level.parts if part.share is not None]
    parts = parts or [part.area.name for part in at_level.parts]
    lines = [
        *parts,
        f"{at_level.relation} · {at_level.border_distance_m:,.1f} m",
        f"{answer.release} · {at_level.level} · {at_level.basis}",
    ]
    body = "<br>".join(html.escape(line) for line in lines)
    return (
        "<style>.name{background:none;border:0;box-shadow:none;font-size:14px}</style>"
        '<div style="position:fixed;z-index:1000;top:12px;right:12px;padding:8px 12px;'
        'background:#fff;box-shadow:0 1px 4px #0004;font:14px/1.5 sans-serif">'
        f"{body}</div>"
    )
