"""A batch of Parquet parts: the same bytes here and on a cluster of two processes."""

import os
import pickle
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from distributed import Client, LocalCluster

from gridmap import batch, cli, gridfiles, read, write
from gridmap.batch import Job
from gridmap.columns import Wanted
from gridmap.errors import (
    GridmapError,
    MissingExtraError,
    SchedulerError,
    StaleGridError,
    UnreadableTableError,
    UnwritableTableError,
    WorkerError,
)
from gridmap.locate import ReleaseIndex
from gridmap.tables.beside import beside
from gridmap.tables.table import Source
from tests import toy

PARTS = 6


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=":0",
    ) as cluster:
        yield cluster


@pytest.fixture
def given(tmp_path):
    """The toy city, its saved grids, and a folder of parts with some bad rows."""
    (tmp_path / "city").mkdir()
    definition = toy.written(tmp_path / "city")
    index = gridfiles.equip(ReleaseIndex(read.release(definition)), tmp_path / "grids")
    folder = tmp_path / "in"
    folder.mkdir()
    rng = np.random.default_rng(7)
    for number in range(PARTS):
        lng, lat = rng.integers((-4, -4), (36, 20), (1_000, 2)).T / 4
        lng[::100] = np.nan
        table = pa.table({"id": rng.integers(0, 9, 1_000), "lng": lng, "lat": lat})
        pa.parquet.write_table(table, folder / f"part-{number}.parquet")
    job = Job.of(
        index,
        boundaries=definition,
        level=None,
        grids=tmp_path / "grids",
        source=Source(str(folder), "EPSG:4490"),
        wanted=Wanted(index.release.levels[::-1]),
    )
    return job, index


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


ON_A_CLUSTER = """
import sys
from distributed import LocalCluster
from gridmap import cli

if __name__ == "__main__":
    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0"
    ) as cluster:
        sys.argv = ["gridmap", "locate", *sys.argv[1:], "--scheduler", cluster.scheduler_address]
        sys.exit(cli.main())
"""


def left_over(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_cluster_writes_the_same_bytes_as_one_process(given, cluster, tmp_path):
    job, index = given
    here = batch.locate(job, tmp_path / "here", index=index, refusals=tmp_path / "here.csv")
    there = batch.locate(
        job,
        tmp_path / "there",
        index=index,
        scheduler=cluster.scheduler_address,
        refusals=tmp_path / "there.csv",
    )
    assert bytes_of(tmp_path / "here") == bytes_of(tmp_path / "there")
    assert sorted(bytes_of(tmp_path / "here")) == [f"part-{n}.parquet" for n in range(PARTS)]
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()
    assert (here.rows, here.refused) == (there.rows, there.refused) == (PARTS * 1_000, PARTS * 10)
    assert here.shown == there.shown
    assert left_over(tmp_path) == []


def test_rows_keep_their_order_and_every_refused_row_is_noted_with_its_part(given, tmp_path):
    job, index = given
    batch.locate(job, tmp_path / "out", index=index, refusals=tmp_path / "refused.csv")
    for name, raw in bytes_of(tmp_path / "out").items():
        before = pa.parquet.read_table(tmp_path / "in" / name)
        after = pa.parquet.read_table(pa.BufferReader(raw))
        assert after.select(before.column_names).to_pandas().equals(before.to_pandas())
        assert after["relation"].null_count == 10
    noted = (tmp_path / "refused.csv").read_text(encoding="utf-8").splitlines()
    assert noted[0] == "table,row,column,value,why"
    assert [line.split(",")[:3] for line in noted[1:3]] == [
        ["part-0.parquet", "1", "lng"],
        ["part-0.parquet", "101", "lng"],
    ]
    assert len(noted) == 1 + PARTS * 10


def die_in_the_middle():
    """Make this process end in its next part, with half a file written."""

    def dying(_source, target, *_args, **_options):
        with beside(Path(target)) as made:
            made.write_bytes(b"half a part")
            os._exit(1)

    batch.stream.locate = dying


def test_when_a_worker_dies_in_a_part_another_does_it_and_nothing_half_is_left(
    given, cluster, tmp_path
):
    job, index = given
    batch.locate(job, tmp_path / "here", index=index)
    with Client(cluster, set_as_default=False) as watching:
        before = watching.run(os.getpid)
        victim = min(before)
        watching.run(die_in_the_middle, workers=[victim])
        batch.locate(job, tmp_path / "there", index=index, scheduler=cluster.scheduler_address)
        watching.wait_for_workers(2, timeout=60)  # the nanny starts a new one
        assert before[victim] not in watching.run(os.getpid).values()
    assert bytes_of(tmp_path / "here") == bytes_of(tmp_path / "there")
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("by_cluster", [False, True])
def test_a_part_that_cannot_be_read_leaves_nothing(given, cluster, tmp_path, by_cluster):
    job, index = given
    (tmp_path / "in" / "part-3.parquet").write_bytes(b"PAR1 no")
    address = cluster.scheduler_address if by_cluster else None
    with pytest.raises(UnreadableTableError, match=r"part-3\.parquet cannot be read"):
        batch.locate(job, tmp_path / "out", index=index, scheduler=address)
    assert not (tmp_path / "out").exists()
    assert left_over(tmp_path) == []


def test_workers_build_no_grid(given, cluster, tmp_path):
    job, index = given
    next((tmp_path / "grids").rglob("street.grid")).unlink()
    with pytest.raises(StaleGridError, match="it is not there"):
        batch.locate(job, tmp_path / "out", index=index, scheduler=cluster.scheduler_address)
    assert not list((tmp_path / "grids").rglob("street.grid"))


def test_workers_whose_boundaries_differ_are_refused(given, cluster, tmp_path):
    """The lines change between our reading and theirs, and the grids with them."""
    job, index = given
    toy.written(
        tmp_path / "city", toy.STREETS | {toy.NORTH_STREET: "POLYGON ((0 3, 4 3, 0 4, 0 3))"}
    )
    gridfiles.equip(ReleaseIndex(read.release(job.boundaries)), tmp_path / "grids")
    with pytest.raises(WorkerError, match="has other lines"):
        batch.locate(job, tmp_path / "out", index=index, scheduler=cluster.scheduler_address)


def test_workers_that_cannot_see_the_files_are_named(given, cluster, tmp_path):
    job, index = given
    with Client(cluster, set_as_default=False) as watching:
        blind = watching.run(batch.unfit, batch.versions(), ("/no/such/folder",))
        other = watching.run(batch.unfit, batch.versions() | {"pyarrow": "1.0"}, ("/",))
    assert len(blind) == 2
    assert set(blind.values()) == {
        "it cannot see /no/such/folder; share the folder under the same path"
    }
    assert all("we have 1.0; install the same" in why for why in other.values())
    moved = replace(job, boundaries=str(tmp_path / "elsewhere.toml"))
    with pytest.raises(WorkerError, match=r"it cannot see .*elsewhere"):
        batch.locate(moved, tmp_path / "out", index=index, scheduler=cluster.scheduler_address)
    assert not (tmp_path / "out").exists()


def test_without_a_scheduler_it_says_how_to_start_one(given, tmp_path, monkeypatch):
    job, index = given
    monkeypatch.setattr(batch, "_PATIENCE_S", 1)
    for address in ("tcp://127.0.0.1:1", "nonsense://x", "10.0.0.1:x"):
        with pytest.raises(SchedulerError, match="dask scheduler"):
            batch.locate(job, tmp_path / "out", index=index, scheduler=address)


def test_a_scheduler_without_workers_is_refused(given, tmp_path, monkeypatch):
    job, index = given
    monkeypatch.setattr(batch, "_PATIENCE_S", 1)
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=":0") as empty,
        pytest.raises(SchedulerError, match="it has no workers"),
    ):
        batch.locate(job, tmp_path / "out", index=index, scheduler=empty.scheduler_address)


def test_without_dask_it_says_what_to_install(given, tmp_path, monkeypatch):
    job, index = given
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"gridmap\[batch\]"):
        batch.locate(job, tmp_path / "out", index=index, scheduler="tcp://127.0.0.1:1")


def test_a_folder_that_holds_something_is_never_written_into(given, tmp_path):
    job, index = given
    (tmp_path / "out").mkdir()
    batch.locate(job, tmp_path / "out", index=index)
    with pytest.raises(UnwritableTableError, match="it is there already"):
        batch.locate(job, tmp_path / "out", index=index)


def test_a_folder_without_parts_is_refused(given, tmp_path):
    job, index = given
    (tmp_path / "empty").mkdir()
    empty = replace(job, source=Source(str(tmp_path / "empty"), "EPSG:4490"))
    with pytest.raises(UnreadableTableError, match=r"no \.parquet files"):
        batch.locate(empty, tmp_path / "out", index=index)


def test_the_command_takes_folders_and_a_scheduler(given, cluster, tmp_path, monkeypatch, capsys):
    job, _ = given
    monkeypatch.setenv("GRIDMAP_CACHE", str(tmp_path / "grids"))
    common = ["-b", job.boundaries, "--crs", "EPSG:4490", "--all-levels"]
    for name, more in (("a", []), ("b", ["--scheduler", cluster.scheduler_address])):
        arguments = ["gridmap", "locate", str(tmp_path / "in"), str(tmp_path / name), *common]
        monkeypatch.setattr("sys.argv", [*arguments, *more])
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert left.value.code == 1
        assert "part-0.parquet, row 1, lng: 'nan'" in capsys.readouterr().out
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_the_workers_read_a_boundary_file_without_a_definition(
    given, cluster, tmp_path, monkeypatch, capsys
):
    _, index = given
    write.together(index.release, tmp_path / "city.gpkg")
    monkeypatch.setenv("GRIDMAP_CACHE", str(tmp_path / "bare"))
    common = ["-b", str(tmp_path / "city.gpkg"), "--crs", "EPSG:4490"]
    for name, more in (("a", []), ("b", ["--scheduler", cluster.scheduler_address])):
        arguments = ["gridmap", "locate", str(tmp_path / "in"), str(tmp_path / name), *common]
        monkeypatch.setattr("sys.argv", [*arguments, *more])
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert left.value.code == 1
    assert len(bytes_of(tmp_path / "b")) == PARTS
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_every_error_of_gridmap_passes_between_processes():
    error = WorkerError(worker="one", why="two")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.fields) == (WorkerError, str(error), error.fields)
    assert isinstance(again, GridmapError)


def test_refused_rows_that_cannot_be_noted_are_told_before_the_work(given, tmp_path):
    job, index = given
    with pytest.raises(UnwritableTableError):
        batch.locate(job, tmp_path / "out", index=index, refusals=tmp_path / "no" / "refused.csv")
    assert not (tmp_path / "out").exists()
    with pytest.raises(UnwritableTableError, match="named twice"):
        batch.locate(job, tmp_path / "out", index=index, refusals=tmp_path / "out")
    for inner in (tmp_path / "in" / "part-0.parquet", tmp_path / "out" / "refused.csv"):
        with pytest.raises(UnwritableTableError, match="one in the other"):
            batch.locate(job, tmp_path / "out", index=index, refusals=inner)
    assert (tmp_path / "in" / "part-0.parquet").read_bytes().startswith(b"PAR1")


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_refused_rows_are_noted_on_another_file_system(given, tmp_path):
    job, index = given
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        batch.locate(job, tmp_path / "out", index=index, refusals=Path(other) / "refused.csv")
        noted = (Path(other) / "refused.csv").read_text(encoding="utf-8").splitlines()
    assert len(noted) == 1 + PARTS * 10
    assert len(bytes_of(tmp_path / "out")) == PARTS


def test_parts_are_found_whatever_the_case_of_their_suffix_and_hidden_ones_are_not(tmp_path):
    for name in ("b.PARQUET", "a.parquet", "c.geoparquet", "_metadata.parquet", ".x.parquet"):
        (tmp_path / name).touch()
    assert batch.parts(tmp_path) == ["a.parquet", "b.PARQUET", "c.geoparquet"]


def test_a_bad_part_on_a_cluster_leaves_no_traceback_on_the_screen(given, tmp_path):
    """In a process of its own with its workers, so that their logs are seen."""
    job, _ = given
    (tmp_path / "in" / "part-3.parquet").write_bytes(b"PAR1 no")
    script = tmp_path / "run.py"
    script.write_text(ON_A_CLUSTER, encoding="utf-8")
    asked = [tmp_path / "in", tmp_path / "out", "-b", job.boundaries, "--crs", "EPSG:4490"]
    done = subprocess.run(
        [sys.executable, script, *map(str, asked), "--index", str(tmp_path / "grids")],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 2
    assert "part-3.parquet cannot be read" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "out").exists()


def test_parts_in_folders_of_their_own_are_refused_and_not_left_out(given, tmp_path):
    job, index = given
    deep = tmp_path / "in" / "day=1"
    deep.mkdir()
    (tmp_path / "in" / "part-0.parquet").rename(deep / "part-0.parquet")
    with pytest.raises(UnreadableTableError, match="day=1"):
        batch.locate(job, tmp_path / "out", index=index)
    assert not (tmp_path / "out").exists()


def test_a_folder_does_not_go_to_standard_output(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    job, index = given
    with pytest.raises(UnwritableTableError):
        batch.locate(job, Path("-"), index=index)
    assert not (tmp_path / "-").exists()


def test_what_is_no_address_is_refused_at_once(given, tmp_path):
    job, index = given
    with pytest.raises(SchedulerError, match="no address"):
        batch.locate(job, tmp_path / "out", index=index, scheduler="nonsense")
