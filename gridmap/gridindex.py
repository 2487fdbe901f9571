"""The grid of one layer: built once, saved as one file, mapped into memory by every worker."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
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
_MAGIC = b"gridmap grid 1\n\0"
_ALIGNED = 64  # a cache line, so that mapped arrays begin like those of numpy

# See docs/decisions/0004: 40,000 cells are built within 300 MB, and look-ups are near their best.
BUDGET_MB = 160.0


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
        layer: Layer, covering: gridbuild.Covering, *, budget_mb: float = BUDGET_MB
    ) -> "GridIndex":
        """Return the grid of a layer; ``covering`` is the border rule.

        The polygons may have gaps and overlaps, and need not be valid: positions in doubtful
        places are then left open. ``budget_mb`` is what the fine pixels may take.
        """
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
        arrays = {field.name: getattr(self.tables, field.name) for field in fields(GridTables)}
        header = json.dumps(
            {"release": release, "digest": self.digest, "arrays": dict(_described(arrays))}
        ).encode()
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            try:
                file.write(_MAGIC + len(header).to_bytes(8, "little") + header)
                for array in arrays.values():
                    file.write(b"\0" * (-file.tell() % _ALIGNED))
                    file.write(np.ascontiguousarray(array).data)
                file.flush()
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
            The file is of another release or layer, of another version, cut off, or no grid.
        """
        mapped = np.memmap(path, dtype=np.uint8, mode="r").view(np.ndarray)
        header, start = _header(mapped, str(path))
        for key, here in (("release", release), ("digest", digest(layer))):
            if header[key] != here:
                raise StaleGridError(path=str(path), why=f"its {key} is {header[key]}, not {here}")
        arrays = dict(_mapped(mapped, header["arrays"], start, str(path)))
        return GridIndex(GridTables(**arrays), header["digest"])


def digest(layer: Layer) -> str:
    """Return the SHA-256 of what a grid depends on: level, codes and polygons in their order."""
    hashed = hashlib.sha256(str(layer.level).encode())
    hashed.update("\n".join(layer.codes.tolist()).encode())
    for wkb in shapely.to_wkb(layer.geometries, byte_order=1, output_dimension=2):
        hashed.update(wkb)
    return hashed.hexdigest()


def _described(arrays: dict[str, NDArray[Any]]) -> Iterator[tuple[str, Any]]:
    for name, array in arrays.items():
        yield name, [array.dtype.str, array.shape]


def _header(mapped: NDArray[np.uint8], path: str) -> tuple[dict[str, Any], int]:
    """Return the header and where it ends."""
    start = len(_MAGIC) + 8
    if mapped[: len(_MAGIC)].tobytes() != _MAGIC:
        raise StaleGridError(path=path, why="it is no grid of this version of gridmap")
    end = start + int.from_bytes(mapped[len(_MAGIC) : start].tobytes(), "little")
    try:
        header: dict[str, Any] = json.loads(mapped[start:end].tobytes())
    except ValueError as error:
        raise StaleGridError(path=path, why="its header cannot be read") from error
    return header, end


def _mapped(
    mapped: NDArray[np.uint8], described: dict[str, Any], start: int, path: str
) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, (dtype, shape) in described.items():
        start += -start % _ALIGNED
        end = start + int(np.prod(shape)) * np.dtype(dtype).itemsize
        if end > len(mapped):
            raise StaleGridError(path=path, why="its end is missing")
        yield name, mapped[start:end].view(dtype).reshape(shape)
        start = end
