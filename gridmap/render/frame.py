"""Many places on the map: by how they lie to the borders, each saying whose it is."""

from collections import Counter
from pathlib import Path

import folium
import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.crs import to_cgcs2000
from gridmap.errors import NoLevelError
from gridmap.geo import LngLatBbox
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.relation import Relation
from gridmap.render.areas import draw_areas
from gridmap.render.sheet import BORDER, FIRST, OTHERS, draw, empty, escaped, write_legend

_MARGIN_DEG = 0.002  # some 200 m of surroundings

# What needs a look is drawn in other colours than what lies inside.
_COLOURS = {
    Relation.INSIDE: FIRST,
    Relation.NEAR_LINE: OTHERS,
    Relation.ON_LINE: BORDER,
    Relation.STRADDLES: BORDER,
    Relation.GAP: "#000000",
    Relation.OVERLAP: "#000000",
}


def frame_map(
    found: geopandas.GeoDataFrame, index: ReleaseIndex, *, crs: str, level: Level, leaflet: Path
) -> folium.Map:
    """Draw the places of a frame that `gridmap.resolve` has answered, and the level's borders.

    Parameters
    ----------
    found
        What `gridmap.resolve` returned, the level among those asked for; places with a problem
        are not drawn.
    crs
        Of the frame's geometries, as it was declared to `gridmap.resolve`.
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
    good = found[found["problem"].isna()]
    shapes = to_cgcs2000(shapely.force_2d(good.geometry.to_numpy()), crs=crs)
    around = _around(shapes, index)
    sheet = empty(around, leaflet=leaflet)
    draw_areas(sheet, index.layers[level], around)
    for shape, (row, answer) in zip(shapes, good.iterrows(), strict=True):
        colour = _COLOURS[Relation(answer[f"{level}_relation"])]
        words = _said(row, answer, level)
        if shape.geom_type == "Point":
            label = folium.Tooltip(escaped(words))
            where = (shape.y, shape.x)
            folium.CircleMarker(where, radius=5, color=colour, fill=True, tooltip=label).add_to(
                sheet
            )
        else:
            draw(sheet, shape, words, colour, weight=2, fill=0.4)
    write_legend(sheet, _legend(good, index, level))
    return sheet


def _around(shapes: NDArray[np.object_], index: ReleaseIndex) -> LngLatBbox:
    if not len(shapes):
        return index.release.bounds
    west, south, east, north = shapely.total_bounds(shapes)
    return LngLatBbox(
        west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG
    )


def _said(row: object, answer: pd.Series, level: Level) -> str:
    name = answer[f"{level}_name"]
    share = answer.get(f"{level}_share")
    parts = [
        str(row),
        str(answer[f"{level}_relation"]),
        "-" if pd.isna(name) else f"{answer[str(level)]} {name}",
        "" if share is None or pd.isna(share) else f"{share:.1%}",
        "" if pd.isna(answer[f"{level}_also"]) else str(answer[f"{level}_also"]),
        f"{answer[f'{level}_border_m']:,.1f} m",
    ]
    return " · ".join(filter(None, parts))


def _legend(good: geopandas.GeoDataFrame, index: ReleaseIndex, level: Level) -> list[str]:
    counts = Counter(good[f"{level}_relation"].tolist())
    return [
        *(f"{relation}: {counts[relation]}" for relation in Relation if counts[relation]),
        f"{index.release.id} · {level} · {index.layers[level].layer.basis}",
    ]
