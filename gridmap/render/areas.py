"""The areas of a level on a map: their lines, and their names inside them."""

import folium
import shapely

from gridmap.geo import LngLatBbox
from gridmap.locate import LayerIndex
from gridmap.render.sheet import LINES, draw, write_name


def draw_areas(sheet: folium.Map, layer: LayerIndex, around: LngLatBbox) -> None:
    """Draw the lines in a window, each once, and every area's name on its own side.

    The lines go on beyond the window for half its size: maps are seldom of its shape.
    """
    window = shapely.box(*around)
    wide = shapely.box(*_wider(around))
    outlines = shapely.boundary(layer.layer.geometries[layer.meeting(wide)])
    lines = shapely.intersection(shapely.union_all(outlines), wide)
    draw(sheet, lines, "", LINES, weight=2, basis=layer.layer.basis)
    rows = layer.meeting(window)
    shapes = shapely.intersection(layer.layer.geometries[rows], window)
    for row, visible in zip(rows, shapes, strict=True):
        if visible.area:
            write_name(sheet, visible, layer.layer.area(row).name)


def _wider(around: LngLatBbox) -> LngLatBbox:
    width, height = (around.east - around.west) / 2, (around.north - around.south) / 2
    return LngLatBbox(
        around.west - width, around.south - height, around.east + width, around.north + height
    )
