"""Open files of boundaries: what they are, how large, which layers, CRS and encoding.

GeoParquet, and everything pyogrio reads: GeoPackage, FlatGeobuf, GeoJSON, Shapefile. A file that
is not what its name says is refused, and so is one whose texts cannot be read for certain.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyogrio.errors
import shapely.errors

from gridmap import formats
from gridmap.errors import BoundaryFileError, UndeclaredError
from gridmap.formats import Format

# A city of 400,000 cells takes 0.2 GB as GeoParquet; more is the wrong file, or a job for more
# memory than a laptop has.
LARGEST_BYTES = 1_000_000_000

# Esri's names and numbers of code pages, beside those that Python knows itself. GB 18030 reads
# what GBK and GB 2312 wrote, and more.
_CODECS = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "936": "gb18030",
    "ansi 936": "gb18030",
    "65001": "utf-8",
    "utf8": "utf-8",
}
# The language driver byte of a dBASE table, where it tells a Chinese code page.
_DBF_LANGUAGE_AT, _DBF_GBK = 29, 0x4D

_UNREADABLE = (
    IndexError,  # of pyogrio, where a FlatGeobuf breaks off within its first rows
    OSError,
    ValueError,
    pa.ArrowException,
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    shapely.errors.ShapelyError,  # of GEOS, where a ring is not closed
)


@dataclass(frozen=True, slots=True)
class Source:
    """One file of boundaries, and how to open it.

    ``layer`` is needed where a file has several; ``encoding`` where a Shapefile does not state
    it. Files above ``largest_bytes`` are refused before they are opened.
    """

    path: Path
    layer: str | None = None
    encoding: str | None = None
    largest_bytes: int = LARGEST_BYTES

    def frame(self) -> geopandas.GeoDataFrame:
        """Return all rows of the file.

        Raises
        ------
        BoundaryFileError
            The file is missing, empty, too large, not what its name says, damaged, without
            geometries, has several layers and none is named, or its encoding is unknown.
        """
        kind = self._looked_at()
        try:
            # What is no number is for `gridmap.read` to tell, with its row.
            with np.errstate(invalid="ignore"):
                frame = self._opened(kind)
        except BoundaryFileError:
            raise
        except UnicodeDecodeError as error:
            raise self._wrong(f"has texts that are no UTF-8: {error}; save it as UTF-8") from error
        except _UNREADABLE as error:
            raise self._wrong(f"cannot be read: {error}") from error
        if not isinstance(frame, geopandas.GeoDataFrame) or frame.empty:
            raise self._wrong("holds no geometries")
        return frame

    def _opened(self, kind: Format | None) -> geopandas.GeoDataFrame:
        if kind is Format.GEOPARQUET:
            return geopandas.read_parquet(self.path)
        if kind is Format.SHAPEFILE:
            return self._decoded(geopandas.read_file(self.path, encoding="ISO-8859-1"))
        layer = self._one_layer()
        announced = int(pyogrio.read_info(self.path, layer=layer)["features"])
        # GDAL takes texts of a GeoJSON that look like one for dates: a name such as 0/01/01.
        options = {"DATE_AS_STRING": "YES"} if self.path.suffix in {".geojson", ".json"} else {}
        frame = geopandas.read_file(self.path, layer=layer, **options)
        if len(frame) < announced:  # GDAL ends quietly where a FlatGeobuf breaks off
            raise self._wrong(f"breaks off after {len(frame)} of {announced} rows; get it again")
        return frame

    def layers(self) -> tuple[str, ...]:
        """Return the names of the layers inside; one for formats without layers.

        Raises
        ------
        BoundaryFileError
            See `frame`.
        """
        if self._looked_at() is Format.GEOPARQUET:
            return (self.path.stem,)
        try:
            return tuple(str(name) for name, _ in pyogrio.list_layers(self.path))
        except _UNREADABLE as error:
            raise self._wrong(f"cannot be read: {error}") from error

    def _looked_at(self) -> Format | None:
        """Return the format, when name, size and first bytes agree; ``None`` for another one."""
        if not self.path.is_file():
            raise self._wrong("is not there; check the path")
        size = self._size()
        if not size:
            raise self._wrong("is empty (0 bytes); get it again")
        if size > self.largest_bytes:
            why = (
                f"has {size / 1e6:,.0f} MB, and only {self.largest_bytes / 1e6:,.0f} MB are read "
                "at once"
            )
            remedy = "take the part you need, or raise the limit (--largest-mb, largest_bytes)"
            raise self._undeclared(why, remedy)
        with self.path.open("rb") as file:
            shown = formats.by_content(file.read(formats.HEAD_BYTES))
        named = formats.by_name(self.path)
        if named is not None and named is not shown:
            content = f"{shown}; rename it" if shown else "something else; look what it is"
            raise self._wrong(f"cannot be read as {named}: its content is {content}")
        return named

    def _size(self) -> int:
        table = self.path.with_suffix(".dbf")
        beside = table.stat().st_size if self.path.suffix == ".shp" and table.is_file() else 0
        return self.path.stat().st_size + beside

    def _one_layer(self) -> str | None:
        if self.layer is None and len(names := self.layers()) > 1:
            remedy = "name one of them as `layer`"
            raise self._undeclared(f"has the layers {', '.join(names)}", remedy)
        return self.layer

    def _decoded(self, frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
        """Return a Shapefile's table with its texts read strictly.

        GDAL was told ISO 8859-1, which keeps every byte; so no text is read on a guess.
        """
        codec = self._codec()
        texts = [name for name in frame.columns if frame[name].dtype.kind in "OT"]
        for name in texts:
            if name != frame.geometry.name:
                frame[name] = pd.Series(
                    [self._text(value, codec, name, row) for row, value in enumerate(frame[name])],
                    index=frame.index,
                    dtype=object,
                )
        names = [self._text(name, codec, "the header", 0) for name in frame.columns]
        return frame.set_axis(names, axis=1)

    def _text(self, value: Any, codec: str | None, column: str, row: int) -> Any:
        if not isinstance(value, str) or value.isascii():
            return value
        if codec is None:
            why = f"does not say in which encoding its texts are (column {column}, row {row})"
            remedy = 'state it (encoding = "GBK" or "UTF-8", --encoding), or add a .cpg file'
            raise self._undeclared(why, remedy)
        try:
            return value.encode("iso-8859-1").decode(codec)
        except UnicodeDecodeError as error:
            why = f"is not in {codec}: column {column}, row {row}; state another encoding"
            raise self._wrong(why) from error

    def _codec(self) -> str | None:
        """Return the codec that was declared, or that .cpg or the table state."""
        stated = self.encoding or self._stated_encoding()
        if stated is None:
            return None
        name = _CODECS.get(stated.strip().lower(), stated.strip())
        try:
            "".encode(name)
        except LookupError as error:
            why = f"has the encoding {stated!r}, which is not known; say GBK, GB18030 or UTF-8"
            raise self._wrong(why) from error
        return name

    def _stated_encoding(self) -> str | None:
        for suffix in (".cpg", ".CPG"):
            if (page := self.path.with_suffix(suffix)).is_file():
                return page.read_text(encoding="ascii", errors="replace").strip() or None
        table = self.path.with_suffix(".dbf")
        if not table.is_file():
            return None
        with table.open("rb") as file:
            head = file.read(_DBF_LANGUAGE_AT + 1)
        return "GBK" if head[_DBF_LANGUAGE_AT:] == bytes([_DBF_GBK]) else None

    def _wrong(self, why: str) -> BoundaryFileError:
        return BoundaryFileError(path=str(self.path), why=why)

    def _undeclared(self, why: str, remedy: str) -> UndeclaredError:
        return UndeclaredError(path=str(self.path), why=why, remedy=remedy)


class Frames:
    """The tables of files: what is asked for again is not read again."""

    def __init__(self) -> None:
        self._frames: dict[Source, geopandas.GeoDataFrame] = {}

    def of(self, source: Source) -> geopandas.GeoDataFrame:
        """Return all rows of a file; see `Source.frame`."""
        if source not in self._frames:
            self._frames[source] = source.frame()
        return self._frames[source]
