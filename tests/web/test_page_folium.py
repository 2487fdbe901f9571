"""The library's own map in a real browser, without a network: one file, opened from disk."""

import geopandas
import pytest
import shapely

import gridmap
from gridmap.attribute import attribute
from gridmap.geojson import parse
from gridmap.level import Level
from gridmap.place import place
from gridmap.render import frame_map, place_map

FOOTPRINT = {
    "type": "Polygon",
    "coordinates": [
        [
            [116.317791155514811, 39.88517015082887],
            [116.317323505387279, 39.885179361481562],
            [116.317308561933842, 39.884729028391774],
            [116.317776209001877, 39.88471981777279],
            [116.317791155514811, 39.88517015082887],
        ]
    ],
}


@pytest.fixture
def file(beijing_index, boundaries, tmp_path):
    """The reference building's map, written to disk with the Leaflet that set-up brings."""
    answer = attribute(place(parse(FOOTPRINT), crs="EPSG:4326"), beijing_index)
    leaflet = boundaries.parents[1] / "api" / "web" / "vendor"
    path = tmp_path / "map.html"
    place_map(answer, beijing_index, level=Level.STREET, leaflet=leaflet).save(str(path))
    return path


def test_a_folium_map_opens_from_disk_and_asks_nobody_for_anything(browser, file):
    page = browser.new_page()
    asked, failed = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector(".leaflet-tooltip.name")
    assert sorted(page.locator(".leaflet-tooltip.name").all_inner_texts()) == [
        "太平桥街道",
        "广安门外街道",
    ]
    assert page.locator(".leaflet-overlay-pane canvas").count() == 1
    assert "1,737.7 m²" in page.inner_text("body")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert [url for url in asked if url.startswith("file:")] == [file.as_uri()]
    assert failed == []


def test_many_places_are_drawn_by_how_they_lie_and_say_whose_they_are(
    browser, beijing_index, boundaries, tmp_path
):
    spots = [[116.3175, 39.885], [116.31763, 39.885], [116.33, 39.89], [200.0, 39.9]]
    shapes = [*shapely.points(spots), parse(FOOTPRINT)]
    given = geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:4326")
    found = gridmap.resolve(given, beijing_index, levels=[Level.STREET])
    leaflet = boundaries.parents[1] / "api" / "web" / "vendor"
    sheet = frame_map(found, beijing_index, crs="EPSG:4326", level=Level.STREET, leaflet=leaflet)
    sheet.save(str(tmp_path / "many.html"))
    page = browser.new_page()
    asked, failed = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto((tmp_path / "many.html").as_uri())
    page.wait_for_selector(".leaflet-tooltip.name")
    body = page.inner_text("body")
    assert "straddles: 1" in body
    assert "inside: 3" in body
    assert "110102020 广安门外街道 · 86.8%" in page.content()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert failed == []
