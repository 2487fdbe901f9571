"""Locate partitioned Parquet, part by part: here, or on the workers of a Dask cluster.

Both ways call the same function for each part, so the files are the same byte for byte. Workers
see the same folders as we do, map the saved grids, and build none. The target appears whole, or
not at all.
"""

import hashlib
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyproj
import shapely

from gridmap import gridfiles, read, stream
from gridmap.columns import Wanted
from gridmap.errors import (
    GridmapError,
    LostPartError,
    MissingExtraError,
    SchedulerError,
    UnreadableTableError,
    UnwritableTableError,
    WorkerError,
)
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.tables.beside import PREFIX, beside, refuse_same
from gridmap.tables.sink import PARQUET
from gridmap.tables.table import STANDARD, Source
from gridmap.tally import Tally

# How long a scheduler and its first worker may take to answer.
_PATIENCE_S = 10

_PARTS, _REFUSED = "parts", "refused"


@dataclass(frozen=True)
class Job:
    """What all parts of a batch have in common, as it is sent to workers."""

    boundaries: str  # the absolute path of the boundary set
    level: Level | None  # the finest level wanted
    grids: str  # the absolute path of the folder of saved grids
    source: Source  # what is declared of each part; its path is the folder
    wanted: Wanted
    lines: str  # the digest of all the release's lines

    @staticmethod
    def of(
        index: ReleaseIndex,
        *,
        boundaries: Path,
        level: Level | None,
        grids: Path,
        source: Source,
        wanted: Wanted,
    ) -> "Job":
        """Return the job for an index whose grids are saved in ``grids``."""
        folder = str(Path(source.path).resolve())
        return Job(
            boundaries=str(boundaries.resolve()),
            level=level,
            grids=str(grids.resolve()),
            source=replace(source, path=folder),
            wanted=wanted,
            lines=_lines(index),
        )


def locate(
    job: Job,
    target: Path,
    *,
    index: ReleaseIndex,
    scheduler: str | None = None,
    refusals: Path | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Locate every part of a folder and write a folder of parts with the same names and rows.

    Parameters
    ----------
    index
        What answers here; the workers of ``scheduler`` (an address such as
        ``tcp://10.0.0.1:8786``) read their own, and it must be of the same lines.
    refusals
        A CSV file for the refused rows of all parts, in their order.

    Raises
    ------
    TableError, CrsError
        A part cannot be used; nothing was written.
    ClusterError
        There is no such scheduler, a worker differs from us or cannot see the files, or a part
        has killed its workers again and again.
    """
    if str(target) == STANDARD:
        raise UnwritableTableError(STANDARD, "a folder of parts goes to a folder; name a new one")
    refuse_same(job.source.path, target, refusals)
    names = parts(Path(job.source.path))
    with _noted(refusals) as note, _staged(target) as folder:
        tallies: dict[str, Tally] = {}
        located = (
            _here(job, names, folder, index)
            if scheduler is None
            else _on_cluster(job, names, folder, scheduler)
        )
        for name, tally in located:
            tallies[name] = tally
            advance(tally.rows)
        _tidy(folder, names, note)
    total = Tally()
    for name in names:
        total.add(tallies[name])
    return total


def parts(folder: Path) -> list[str]:
    """Return the names of a folder's Parquet files in their order.

    Raises
    ------
    UnreadableTableError
        There is none, or some lie deeper, where their columns would stand in folders' names.
    """
    found = sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.suffix.lower() in PARQUET and path.name[0] not in "._"
    )
    if not found:
        raise UnreadableTableError(str(folder), "the folder holds no .parquet files")
    for path in found:
        if len(path.parts) > 1:
            why = f"parts in folders of their own are not read ({path}); flatten it"
            raise UnreadableTableError(str(folder), why)
    return [path.name for path in found]


def attempted(job: Job, name: str, folder: str) -> Tally | GridmapError:
    """Locate one part on a worker; an error of ours is returned.

    Dask would write the traceback of one that is raised to its log, before we say what is wrong.
    """
    try:
        return part(job, name, folder)
    except GridmapError as error:
        return error


def part(job: Job, name: str, folder: str, index: ReleaseIndex | None = None) -> Tally:
    """Locate one part into a folder; the part is there whole, or not at all."""
    return stream.locate(
        replace(job.source, path=str(Path(job.source.path) / name)),
        str(Path(folder) / _PARTS / name),
        index or _index(job),
        job.wanted,
        refusals=str(Path(folder) / _REFUSED / f"{name}.csv"),
    )


@lru_cache(maxsize=1)
def _index(job: Job) -> ReleaseIndex:
    """Return the index of a worker: read once, with mapped grids."""
    release = stream.down_to(read.release(job.boundaries), job.level)
    index = gridfiles.map_saved(ReleaseIndex(release), Path(job.grids))
    if _lines(index) != job.lines:
        raise WorkerError(worker=platform.node(), why=f"{job.boundaries} has other lines there")
    return index


def _lines(index: ReleaseIndex) -> str:
    digests = (f"{level} {layer.grid().digest}" for level, layer in index.layers.items())
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


# --- the target -----------------------------------------------------------------------------------


@contextmanager
def _noted(refusals: Path | None) -> Iterator[Path | None]:
    """Yield where to note refused rows, once the place for them is known to be writable."""
    if refusals is None:
        yield None
        return
    with beside(refusals) as note:
        yield note


@contextmanager
def _staged(target: Path) -> Iterator[Path]:
    """Yield a folder beside the target, whose parts become the target when all is done."""
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise UnwritableTableError(str(target), "it is there already; name a new folder")
    try:
        staging = tempfile.TemporaryDirectory(dir=target.resolve().parent, prefix=PREFIX)
    except OSError as error:
        raise UnwritableTableError(str(target), str(error)) from error
    with staging as folder:
        for name in (_PARTS, _REFUSED):
            (Path(folder) / name).mkdir()
        yield Path(folder)
        try:
            (Path(folder) / _PARTS).replace(target.resolve())
        except OSError as error:
            raise UnwritableTableError(str(target), str(error)) from error


def _tidy(folder: Path, names: list[str], note: Path | None) -> None:
    """Remove what workers that died have left, and join the refused rows of all parts."""
    for left in (folder / _PARTS).iterdir():
        if left.name not in names:
            shutil.rmtree(left, ignore_errors=True)
    if note is None:
        return
    with note.open("wb") as file:
        for at, name in enumerate(names):
            with (folder / _REFUSED / f"{name}.csv").open("rb") as one:
                if at:
                    one.readline()  # the header stands once
                shutil.copyfileobj(one, file)


def _here(
    job: Job, names: list[str], folder: Path, index: ReleaseIndex
) -> Iterator[tuple[str, Tally]]:
    for name in names:
        yield name, part(job, name, str(folder), index)


# --- the cluster ----------------------------------------------------------------------------------


def _on_cluster(
    job: Job, names: list[str], folder: Path, scheduler: str
) -> Iterator[tuple[str, Tally]]:
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(package="dask.distributed", extra="batch") from error
    with _client(scheduler) as client:
        _refuse_unfit(client, job, folder)
        futures = {
            client.submit(
                attempted, job, name, str(folder), pure=False, key=f"{folder.name}-{name}"
            ): name
            for name in names
        }
        for future in distributed.as_completed(futures, loop=client.loop):  # type: ignore[no-untyped-call]
            try:
                tally = future.result()
            except distributed.KilledWorker as error:
                raise LostPartError(part=futures[future], why=str(error)) from error
            if isinstance(tally, GridmapError):
                raise tally
            yield futures[future], tally


@contextmanager
def _client(address: str) -> Iterator[Any]:
    import distributed  # noqa: PLC0415 - an extra

    if not re.fullmatch(r"\w+://\S+:\d+", address):
        raise SchedulerError(address=address, why="it is no address such as tcp://10.0.0.1:8786")
    try:
        client = distributed.Client(  # type: ignore[no-untyped-call]
            address, timeout=_PATIENCE_S, set_as_default=False
        )
    except (OSError, ValueError) as error:  # also its TimeoutError
        raise SchedulerError(address=address, why=str(error) or "it does not answer") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE_S)
        except TimeoutError as error:
            raise SchedulerError(address=address, why="it has no workers") from error
        yield client


def _refuse_unfit(client: Any, job: Job, folder: Path) -> None:
    needed = (job.boundaries, job.grids, job.source.path, str(folder / _PARTS))
    answers = client.run(unfit, versions(), needed, on_error="return")
    for worker, why in answers.items():
        if why is not None:
            raise WorkerError(worker=worker, why=str(why))


def unfit(wanted: dict[str, str], paths: tuple[str, ...]) -> str | None:
    """Return why this process cannot take part in a batch; None when it can."""
    for name, here in versions().items():
        if here != wanted.get(name):
            return f"it has {name} {here}, we have {wanted.get(name)}; install the same"
    for path in paths:
        if not Path(path).exists():
            return f"it cannot see {path}; share the folder under the same path"
    if not os.access(paths[-1], os.W_OK):
        return f"it may not write into {paths[-1]}; run it with the same account"
    return None


def versions() -> dict[str, str]:
    """Return the versions on which the bytes of an answer depend."""
    return {
        "gridmap": version("gridmap"),
        "pyarrow": version("pyarrow"),
        "numpy": version("numpy"),
        "GEOS": shapely.geos_version_string,
        "PROJ": pyproj.proj_version_str,
        "Python": platform.python_version(),
    }
