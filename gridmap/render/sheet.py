"""A folium map without tiles that is one file: whatever it needs is inside it."""

import base64
import html
from pathlib import Path

import folium
import shapely
from branca.element import Element, Figure
from shapely.geometry.base import BaseGeometry

from gridmap import geojson
from gridmap.errors import MissingAssetsError
from gridmap.geo import LngLatBbox
from gridmap.level import Basis

FIRST, OTHERS, BORDER, LINES = "#1b3f8f", "#e09b00", "#b5177f", "#55554f"
_DASHES = {Basis.SCHEMATIC: "6 4"}


def empty(view: LngLatBbox, *, leaflet: Path) -> folium.Map:
    """Return a map of a view (degrees) with nothing on it.

    Parameters
    ----------
    leaflet
        The folder with ``leaflet.js`` and ``leaflet.css``; they become part of the map, which
        refers to no other file or host.

    Raises
    ------
    MissingAssetsError
        Leaflet is not there.
    """
    sheet = folium.Map(tiles=None, control_scale=True, prefer_canvas=True)
    sheet.default_js = [("leaflet", _inlined(leaflet / "leaflet.js", "text/javascript"))]
    sheet.default_css = [("leaflet_css", _inlined(leaflet / "leaflet.css", "text/css"))]
    sheet.fit_bounds([(view.south, view.west), (view.north, view.east)])
    return sheet


def _inlined(path: Path, media_type: str) -> str:
    if not path.exists():
        raise MissingAssetsError(path=str(path))
    return f"data:{media_type};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def draw(
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
        tooltip=folium.Tooltip(escaped(words)) if words else None,
    ).add_to(sheet)


def escaped(words: str) -> str:
    """Return words as HTML that is harmless in a page, its scripts' texts, and its templates."""
    safe = html.escape(words)
    for sign in "`$\\{":
        safe = safe.replace(sign, f"&#{ord(sign)};")
    return safe


def write_name(sheet: folium.Map, visible: BaseGeometry, name: str) -> None:
    """Write a name inside an area.

    A tooltip on nothing: a marker, even one with a text icon, would ask for a picture.
    """
    spot = shapely.get_point(shapely.maximum_inscribed_circle(visible), 0)
    label = folium.Tooltip(
        escaped(name), sticky=False, permanent=True, direction="center", class_name="name"
    )
    folium.CircleMarker((spot.y, spot.x), radius=0, opacity=0, tooltip=label).add_to(sheet)


def write_legend(sheet: folium.Map, lines: list[str]) -> None:
    """Put a box with lines of text into the upper right corner."""
    figure = sheet.get_root()
    assert isinstance(figure, Figure)  # a map that stands alone makes its own
    body = "<br>".join(escaped(line) for line in lines)
    figure.html.add_child(
        Element(
            "<style>.name{background:none;border:0;box-shadow:none;font-size:14px}</style>"
            '<div style="position:fixed;z-index:1000;top:12px;right:12px;padding:8px 12px;'
            'background:#fff;box-shadow:0 1px 4px #0004;font:14px/1.5 sans-serif">'
            f"{body}</div>"
        )
    )
