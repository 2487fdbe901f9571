import re

import pytest
import shapely

from gridmap.attribute import attribute
from gridmap.errors import MissingAssetsError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.place import place, point
from gridmap.render import place_map
from tests import toy


@pytest.fixture(scope="module")
def index():
    return ReleaseIndex(toy.release())


@pytest.fixture
def leaflet(tmp_path):
    """Two files where Leaflet's stand; that the real ones work is a browser's test."""
    for name in ("leaflet.js", "leaflet.css"):
        (tmp_path / name).write_text(f"/* {name} */", encoding="utf-8")
    return tmp_path


def drawn(index, leaflet, where):
    sheet = place_map(attribute(where, index), index, level=Level.STREET, leaflet=leaflet)
    return sheet.get_root().render()


def test_a_map_refers_to_no_other_file_or_host(index, leaflet):
    footprint = place(shapely.box(3.9995, 1, 4.0005, 1.001), crs="EPSG:4490")
    page = drawn(index, leaflet, footprint)
    links = re.findall(r'(?:src|href)="([^"]+)', page)
    assert len(links) == 2
    assert all(link.startswith("data:text/") for link in links)
    assert "://" not in re.sub(r"http://www\.w3\.org/\S*", "", page)


def test_a_map_says_the_parts_with_their_sizes_and_what_the_lines_rest_on(index, leaflet):
    footprint = place(shapely.box(3.9995, 1, 4.0005, 1.001), crs="EPSG:4490")
    page = drawn(index, leaflet, footprint)
    assert f"street {toy.SOUTH_STREET} 50.0%" in page
    assert "toy · street · surveyed" in page


def test_a_point_is_drawn_with_the_circle_of_its_accuracy(index, leaflet):
    page = drawn(index, leaflet, point(1, 1, crs="EPSG:4490", accuracy_m=25))
    assert '"radius": 25' in page


def test_without_leaflet_the_words_say_how_to_get_it(index, tmp_path):
    with pytest.raises(MissingAssetsError, match="make setup"):
        drawn(index, tmp_path, point(1, 1, crs="EPSG:4490"))
