"""The grid of one layer: built once, saved as one file, mapped into memory by every worker."""

import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap import gridbuild
from gridmap.boundary import Layer
from gridmap.errors import StaleGridError
from gridmap.gridtables import GridTables

# The file: this line, the length of the header in eight bytes, the header (JSON), the arrays.
# The last digit changes with the meaning of the tables.
_MAGIC = b"gridmap grid 2\n\0"
_TYPES = {
    "frame": "<f8",
    "coarse": "<i4",
    "fine": "<i4",
    "edges": "<f8",
    "sides": "<i4",
    "knot_ends": "<i4",
    "knot_edges": "<i4",
    "knot_anchors": "<f8",
    "knot_areas": "<i4",
}
_ALIGNED = 64  # a cache line, so that mapped arrays begin like those of numpy

# What fine pixels may take: 160 MB for 40,000 areas, 500 MB for 400,000 (docs/decisions/0004).
_BUDGET_MB_FOR_ONE = 0.81


@dataclass(frozen=True)
class GridIndex:
    """Positions -> areas for one layer, wherever that is certain without the border rule.

    See Also
    --------
    gridmap.locate.LayerIndex : answers for every position, by this grid and the border rule.
    """

    tables: GridTables
    digest: str  # of the layer it was built from

    @staticmethod
    def build(
        layer: Layer, covering: gridbuild.Covering, *, budget_mb: float | None = None
    ) -> "GridIndex":
        """Return the grid of a layer; ``covering`` is the border rule.

        The polygons may have gaps and overlaps, and need not be valid: positions in doubtful
        places are then left open. ``budget_mb`` is what the fine pixels may take; by default it
        grows with the root of the number of areas.
        """
        budget_mb = budget_mb or _BUDGET_MB_FOR_ONE * len(layer) ** 0.5
        made = gridbuild.tables(layer.geometries, covering, budget_mb=budget_mb)
        return GridIndex(made, digest(layer))

    def settle(self, lnglat: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the row of the only area around each position, and the positions left open.

        See `GridTables.settle`.
        """
        return self.tables.settle(lnglat)

    def save(self, path: str | os.PathLike[str], *, release: str) -> None:
        """Write the grid to one file; readers of an older one keep what they have mapped."""
        target = Path(path)
        arrays = {
            name: np.ascontiguousarray(getattr(self.tables, name), dtype=dtype)
            for name, dtype in _TYPES.items()
        }
        about = {
            "release": release,
            "digest": self.digest,
            "shapes": {name: array.shape for name, array in arrays.items()},
            "checksum": _checksum(arrays.values()),
        }
        header = json.dumps(about).encode()
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            try:
                file.write(_MAGIC + len(header).to_bytes(8, "little") + header)
                for array in arrays.values():
                    file.write(b"\0" * (-file.tell() % _ALIGNED))
                    file.write(array.data)
                file.flush()
                Path(file.name).chmod(0o644)  # workers of other accounts read it too
                Path(file.name).replace(target)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    @staticmethod
    def load(path: str | os.PathLike[str], layer: Layer, *, release: str) -> "GridIndex":
        """Return the grid of a layer from a file, mapped into memory and shared by processes.

        Raises
        ------
        StaleGridError
            The file is of another release or layer, of another version, cut off, damaged, or no
            grid.
        """
        if not Path(path).stat().st_size:
            raise StaleGridError(path=str(path), why="it is empty")
        mapped = np.memmap(path, dtype=np.uint8, mode="r").view(np.ndarray)
        header, start = _header(mapped, str(path))
        here = {"release": release, "digest": digest(layer)}
        for key, value in here.items():
            if header.get(key) != value:
                raise StaleGridError(
                    path=str(path), why=f"its {key} is {header.get(key)}, not {value}"
                )
        try:
            arrays = dict(_mapped(mapped, header["shapes"], start))
        except (LookupError, TypeError, ValueError) as error:
            raise StaleGridError(path=str(path), why="it is not whole") from error
        if header.get("checksum") != _checksum(arrays.values()):
            raise StaleGridError(path=str(path), why="its bytes are not those that were saved")
        return GridIndex(GridTables(**arrays), here["digest"])


def digest(layer: Layer) -> str:
    """Return the SHA-256 of what a grid depends on: level, codes and polygons in their order."""
    hashed = hashlib.sha256(str(layer.level).encode())
    hashed.update("\n".join(layer.codes.tolist()).encode())
    for wkb in shapely.to_wkb(layer.geometries, byte_order=1, output_dimension=2):
        hashed.update(wkb)
    return hashed.hexdigest()


def _checksum(arrays: Iterable[NDArray[Any]]) -> int:
    """Return the CRC-32 of all bytes: against a failing disk, not against an intruder.

    A flipped bit would give answers that are wrong and look like any other. It costs one reading
    of the file as it is mapped.
    """
    total = 0
    for array in arrays:
        total = zlib.crc32(array.reshape(-1).view(np.uint8).data, total)
    return total


def _header(mapped: NDArray[np.uint8], path: str) -> tuple[dict[str, Any], int]:
    """Return the header and where it ends."""
    start = len(_MAGIC) + 8
    if mapped[: len(_MAGIC)].tobytes() != _MAGIC:
        raise StaleGridError(path=path, why="it is no grid of this version of gridmap")
    end = start + int.from_bytes(mapped[len(_MAGIC) : start].tobytes(), "little")
    try:
        header = json.loads(mapped[start:end].tobytes())
    except ValueError as error:
        raise StaleGridError(path=path, why="its header cannot be read") from error
    if not isinstance(header, dict):
        raise StaleGridError(path=path, why="its header is not one of a grid")
    return header, end


def _mapped(
    mapped: NDArray[np.uint8], shapes: dict[str, list[int]], start: int
) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the arrays; a shape that the bytes do not fill is a ValueError."""
    for name, dtype in _TYPES.items():
        start += -start % _ALIGNED
        end = start + int(np.prod(shapes[name])) * np.dtype(dtype).itemsize
        yield name, mapped[start:end].view(dtype).reshape(shapes[name])
        start = end
