import json

import numpy as np
import pytest
import shapely

from gridmap.atlas import Atlas
from gridmap.geo import LngLatBbox
from gridmap.level import Level


@pytest.fixture(scope="module")
def atlas(beijing):
    return Atlas(beijing)


def drawn(sheet, rows):
    features = [json.loads(feature) for feature in sheet.features(rows)]
    return np.array([shapely.from_geojson(json.dumps(one["geometry"])) for one in features])


@pytest.mark.parametrize("zoom", [7, 10, 12, 14, 15])
def test_neighbours_share_their_edges_at_every_zoom(atlas, zoom):
    sheet = atlas.sheet(Level.STREET, zoom=zoom)
    shapes = drawn(sheet, sheet.within(None))
    assert shapely.coverage_is_valid(shapes)
    assert shapely.is_valid(shapes).all()


def test_near_by_the_lines_are_the_exact_ones(atlas, beijing):
    sheet = atlas.sheet(Level.CELL, zoom=24)
    rows = sheet.within(LngLatBbox(116.3, 39.88, 116.32, 39.9))
    exact = beijing.layers[Level.CELL].geometries[rows]
    assert shapely.equals_exact(drawn(sheet, rows), exact, tolerance=0).all()
