"""Any release in any format: what was written is what is read."""

import tempfile
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import bare, read, write
from gridmap.boundary import Layer, Release
from gridmap.definition import Columns
from gridmap.formats import Format
from gridmap.level import Basis, Level
from tests.toy import assert_equal

# A blank at an end is lost in a Shapefile, and refused there; control characters are no name.
names = st.text(
    st.characters(codec="gbk", exclude_categories=("Cc", "Cf", "Zs", "Zl", "Zp")),
    min_size=1,
    max_size=40,
)
sizes = st.floats(0.001, 0.9, allow_nan=False)


@st.composite
def releases(draw):
    """A city of squares in a row, any doubles as corners, some in two parts, some with holes."""
    count = draw(st.integers(1, 5))
    shapes = [_shape(draw, 116 + at) for at in range(count)]
    codes = draw(st.lists(st.integers(0, 98), min_size=count, max_size=count, unique=True))
    districts = Layer.build(
        Level.DISTRICT,
        draw(st.sampled_from(Basis)),
        codes=[f"1101{code + 1:02d}" for code in codes],
        names=[draw(names) for _ in codes],
        parents=["110000"] * count,
        geometries=shapes,
        line_accuracy_m=draw(st.none() | st.floats(0, 100)),
    )
    city = Layer.build(
        Level.CITY,
        Basis.MAPPED,
        codes=["110000"],
        names=[draw(names)],
        parents=[""],
        geometries=[shapely.box(115, 39, 123, 42)],
    )
    layers = {Level.CITY: city, Level.DISTRICT: districts}
    return Release(id=draw(names), title=draw(names), layers=layers)


def _shape(draw, west):
    size = draw(sizes)
    shape = shapely.box(west, 40, west + size, 40 + size)
    if draw(st.booleans()):
        shape = shape.difference(
            shapely.box(west + size / 3, 40 + size / 3, *[west + size / 2, 40 + size / 2])
        )
    if draw(st.booleans()):
        shape = shapely.MultiPolygon([shape, shapely.box(west, 41.2, west + size, 41.2 + size / 7)])
    return shape


@pytest.mark.parametrize("kind", list(Format))
@given(release=releases(), encoding=st.sampled_from(["UTF-8", "GBK"]))
@settings(max_examples=15, deadline=None)
def test_any_release_is_read_back_equal(kind, release, encoding):
    with tempfile.TemporaryDirectory() as folder:
        write.release(release, Path(folder) / "set", format=kind, encoding=encoding)
        again = read.release(Path(folder) / "set" / "definition.toml")
        assert_equal(again, release)
        assert (again.id, again.title) == (release.id, release.title)
        for level, layer in release.layers.items():
            assert again.layers[level].basis is layer.basis
            assert again.layers[level].line_accuracy_m == layer.line_accuracy_m


@pytest.mark.parametrize("kind", list(Format))
@given(release=releases())
@settings(max_examples=10, deadline=None)
def test_any_release_in_one_file_is_read_back_with_its_areas(kind, release):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"all{kind.suffix}"
        write.together(release, path)
        options = bare.Options(columns=Columns(parent="parent"))
        assert_equal(read.release(bare.definition(path, options)), release)
