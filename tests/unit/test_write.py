import geopandas
import shapely

from gridmap import write
from gridmap.boundary import Layer, Release
from gridmap.level import Basis, Level


def a_release():
    return Release(
        id="two",
        title="two",
        layers={
            Level.DISTRICT: Layer.build(
                Level.DISTRICT,
                Basis.MAPPED,
                codes=["110102", "110101"],
                names=["西城区", "东城区"],
                parents=["", ""],
                geometries=[shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1)],
            )
        },
    )


def test_a_release_becomes_one_file_per_level_in_the_order_of_codes(tmp_path):
    (path,) = write.release(a_release(), tmp_path / "new")
    frame = geopandas.read_parquet(path)
    assert path.name == "district.parquet"
    assert frame["code"].tolist() == ["110101", "110102"]
    assert frame.crs.to_epsg() == 4490
    assert frame.geometry[0].equals(shapely.box(0, 0, 1, 1))


def test_writing_twice_gives_the_same_bytes(tmp_path):
    (one,) = write.release(a_release(), tmp_path / "one")
    (other,) = write.release(a_release(), tmp_path / "other")
    assert one.read_bytes() == other.read_bytes()
