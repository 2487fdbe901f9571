import pytest

from gridmap import gridfiles
from gridmap.errors import StaleGridError, UnwritableGridError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from tests import toy


def test_the_cache_is_named_by_the_environment_or_lies_in_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setenv("GRIDMAP_CACHE", str(tmp_path / "a"))
    assert gridfiles.cache_folder() == tmp_path / "a"
    monkeypatch.delenv("GRIDMAP_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    assert gridfiles.cache_folder() == tmp_path / "b" / "gridmap"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert gridfiles.cache_folder() == tmp_path / ".cache" / "gridmap"


def test_a_release_id_never_leads_out_of_the_folder(tmp_path):
    file = gridfiles.path(tmp_path, "../../etc/2026 年", Level.CELL)
    assert file.parent.parent == tmp_path


def test_the_saved_grid_is_mapped_and_not_built(tmp_path):
    gridfiles.equip(ReleaseIndex(toy.release()), tmp_path)
    index = gridfiles.map_saved(ReleaseIndex(toy.release()), tmp_path)
    for layer in index.layers.values():
        assert not layer.grid().tables.fine.flags.owndata
        assert not layer.grid().tables.fine.flags.writeable


def test_a_damaged_grid_is_built_again_where_that_is_allowed(tmp_path):
    index = gridfiles.equip(ReleaseIndex(toy.release()), tmp_path)
    file = gridfiles.path(tmp_path, index.release.id, Level.STREET)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StaleGridError, match="it is not whole"):
        gridfiles.map_saved(ReleaseIndex(toy.release()), tmp_path)
    gridfiles.equip(ReleaseIndex(toy.release()), tmp_path)
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UnwritableGridError, match="GRIDMAP_CACHE"):
        gridfiles.equip(ReleaseIndex(toy.release()), tmp_path / "file")


@pytest.mark.parametrize("release", ["..", ".", "a/b", "x" * 300, "北京" * 60])
def test_whatever_a_release_is_called_its_grids_stay_in_the_folder(tmp_path, release):
    file = gridfiles.path(tmp_path, release, Level.CELL)
    assert file.resolve().parent.parent == tmp_path.resolve()
    file.parent.mkdir()
    file.write_bytes(b"")
