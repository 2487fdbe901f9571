"""The findings of a check on a map: what is wrong where, with a list that leads there."""

import json
from collections.abc import Sequence
from pathlib import Path

import folium
import shapely
from branca.element import Element, Figure

from gridmap import geojson
from gridmap.boundary import Draft
from gridmap.findings import Finding, Kind, Severity, counts
from gridmap.geo import LngLatBbox
from gridmap.render.sheet import LINES, draw, empty, escaped
from gridmap.surface import sound

# A page with more markers and list entries than these is slow, and nobody reads it.
SHOWN = 1000

# Colour-blind safe (Okabe and Ito 2008), and darker where the original is too pale on white.
_COLOURS = {
    Kind.OVERLAP: "#d55e00",
    Kind.GAP: "#0072b2",
    Kind.OUTSIDE: "#b5177f",
    Kind.INVALID: "#000000",
    Kind.UNMATCHED: "#008060",
    Kind.SPLINTER: "#8a6d00",
    Kind.EXCLAVE: "#56b4e9",
}
_OF_CODES = "#6a3d9a"

CHINESE = {
    Kind.INVALID: "图形无效",
    Kind.ILL_FORMED: "代码不合规",
    Kind.MISPLACED: "层级混放",
    Kind.FOREIGN: "代码与上级不符",
    Kind.DUPLICATE: "代码重复",
    Kind.ORPHAN: "缺上级",
    Kind.OVERLAP: "重叠",
    Kind.GAP: "空白",
    Kind.OUTSIDE: "越出上级",
    Kind.UNMATCHED: "界线顶点不一致",
    Kind.SPLINTER: "碎片",
    Kind.EXCLAVE: "飞地",
}
_SLIVER = "（狭缝）"
_MARGIN_DEG = 0.0003  # some 30 m around a finding
_PIN_PX = 7  # pixels, so that a gap of a square metre is seen at city zoom


def findings_map(draft: Draft, findings: Sequence[Finding], *, leaflet: Path) -> folium.Map:
    """Draw the findings over the lines of the coarsest level and of the areas concerned.

    Every finding has a pin that keeps its size, its ground in the colour of its kind, and a line
    in the list, sorted by severity and size, that leads to it. Only the first 1,000 are drawn;
    the list says how many there are.

    Parameters
    ----------
    leaflet
        The folder with ``leaflet.js`` and ``leaflet.css``; they become part of the map.

    Raises
    ------
    MissingAssetsError
        Leaflet is not there.
    """
    shown = sorted(findings, key=_order)[:SHOWN]
    top = draft.layers[draft.levels[0]]
    sheet = empty(LngLatBbox(*shapely.total_bounds(top.geometries)), leaflet=leaflet)
    draw(sheet, _lines(draft, shown), "", LINES, weight=1)
    if shown:
        _draw_findings(sheet, shown)
    _write_list(sheet, draft, findings, shown)
    return sheet


def _order(finding: Finding) -> tuple[int, str, float]:
    severity = list(Severity).index(finding.severity)
    return severity, finding.heading, -finding.size_m2


def _lines(draft: Draft, shown: Sequence[Finding]) -> shapely.Geometry:
    """Return the outlines of the coarsest two levels and of every area that is concerned."""
    outlines = [shapely.boundary(sound(draft.layers[one].geometries)) for one in draft.levels[:2]]
    concerned = {code for finding in shown for code in finding.codes}
    for level in draft.levels[2:]:
        layer = draft.layers[level]
        rows = [row for row, code in enumerate(layer.codes.tolist()) if code in concerned]
        outlines.append(shapely.boundary(sound(layer.geometries[rows])))
    return shapely.union_all([line for lines in outlines for line in lines])


def _colour(kind: Kind) -> str:
    return _COLOURS.get(kind, _OF_CODES)


def _draw_findings(sheet: folium.Map, shown: Sequence[Finding]) -> None:
    def styled(feature: dict[str, dict[str, str]]) -> dict[str, object]:
        colour = feature["properties"]["colour"]
        return {"color": colour, "fillColor": colour, "weight": 2, "fillOpacity": 0.35}

    def collection(features: list[dict[str, object]]) -> dict[str, object]:
        return {"type": "FeatureCollection", "features": features}

    ground = [_feature(one, one.geometry) for one in shown if not one.geometry.is_empty]
    pins = [_feature(one, shapely.Point(one.spot)) for one in shown if one.spot]
    if ground:
        folium.GeoJson(collection(ground), style_function=styled, tooltip=_tooltip()).add_to(sheet)
    if pins:
        folium.GeoJson(
            collection(pins),
            style_function=styled,
            marker=folium.CircleMarker(radius=_PIN_PX, fill=True),
            tooltip=_tooltip(),
        ).add_to(sheet)


def _tooltip() -> folium.GeoJsonTooltip:
    return folium.GeoJsonTooltip(fields=["message"], labels=False)


def _feature(finding: Finding, shape: shapely.Geometry) -> dict[str, object]:
    return {
        "type": "Feature",
        "geometry": geojson.dump(shape),
        "properties": {"colour": _colour(finding.kind), "message": escaped(str(finding))},
    }


# --- the list ---------------------------------------------------------------------------------

_STYLE = """<style>
#findings{position:fixed;z-index:1000;top:10px;right:10px;bottom:24px;width:330px;overflow:auto;
background:#fff;box-shadow:0 1px 4px #0004;font:13px/1.45 sans-serif;padding:8px 12px}
#findings h1{font-size:15px;margin:0 0 6px}
#findings summary{cursor:pointer;padding:3px 0;font-weight:600}
#findings i{display:inline-block;width:11px;height:11px;border-radius:50%;margin-right:6px}
#findings button{display:block;width:100%;text-align:left;border:0;border-top:1px solid #ddd;
background:none;font:inherit;padding:5px 2px;cursor:pointer;overflow-wrap:anywhere}
#findings button:hover,#findings button:focus{background:#eef3fb}
@media(max-width:640px){ #findings{top:auto;left:0;right:0;bottom:0;width:auto;height:38vh}}
</style>"""

# Beside the list, not under it; below it on a phone.
_SCRIPT = """
const fitFinding = (bounds) => {
  const wide = window.innerWidth > 640;
  const corner = wide ? [350, 20] : [10, window.innerHeight * 0.4];
  MAP.fitBounds(bounds, {paddingTopLeft: [10, 10], paddingBottomRight: corner, animate: false});
};
window.addEventListener("load", () => fitFinding(WHOLE));
document.querySelectorAll("#findings button").forEach((one) =>
  one.addEventListener("click", () => fitFinding(JSON.parse(one.dataset.bounds))));
"""


def _write_list(
    sheet: folium.Map, draft: Draft, findings: Sequence[Finding], shown: Sequence[Finding]
) -> None:
    figure = sheet.get_root()
    assert isinstance(figure, Figure)  # a map that stands alone makes its own
    parts = [f"<h1>{escaped(draft.id)}: {len(findings)} 项 findings</h1>"]
    for heading, count in counts(findings).items():
        parts.append(_group(heading, count, [one for one in shown if one.heading == heading]))
    if len(shown) < len(findings):
        parts.append(f"<p>The first {len(shown):,} are drawn; the rest is in the GeoJSON.</p>")
    body = "".join(parts)
    figure.html.add_child(Element(f'{_STYLE}<div id="findings">{body}</div>'))
    west, south, east, north = shapely.total_bounds(draft.layers[draft.levels[0]].geometries)
    whole = json.dumps([[south, west], [north, east]])
    script = _SCRIPT.replace("MAP", sheet.get_name()).replace("WHOLE", whole)
    figure.script.add_child(Element(script))


def _group(heading: str, count: int, shown: Sequence[Finding]) -> str:
    kind = Kind(heading.partition(",")[0])
    chinese = CHINESE[kind] + (_SLIVER if "sliver" in heading else "")
    lines = "".join(_line(one) for one in shown)
    swatch = f'<i style="background:{_colour(kind)}"></i>'
    title = f"{swatch}{chinese} {escaped(heading)} ({count})"
    return f"<details open><summary>{title}</summary>{lines}</details>"


def _line(finding: Finding) -> str:
    says = escaped(str(finding))
    if finding.geometry.is_empty:
        return f"<p>{says}</p>"
    west, south, east, north = finding.geometry.bounds
    corners = [
        [south - _MARGIN_DEG, west - _MARGIN_DEG],
        [north + _MARGIN_DEG, east + _MARGIN_DEG],
    ]
    return f"<button data-bounds='{json.dumps(corners)}'>{says}</button>"
