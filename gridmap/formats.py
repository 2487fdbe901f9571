"""The file formats of boundaries, told by the name of a file and by its first bytes."""

from enum import StrEnum
from pathlib import Path


class Format(StrEnum):
    """A format that gridmap reads and writes."""

    GEOPARQUET = "geoparquet"
    GEOPACKAGE = "geopackage"
    FLATGEOBUF = "flatgeobuf"
    GEOJSON = "geojson"
    SHAPEFILE = "shapefile"

    @property
    def suffix(self) -> str:
        """The ending of the files we write."""
        return _SUFFIXES[self][0]


class TextEncoding(StrEnum):
    """How the texts of a Shapefile's table are written."""

    UTF_8 = "UTF-8"
    GBK = "GBK"


_SUFFIXES = {
    Format.GEOPARQUET: (".parquet", ".geoparquet"),
    Format.GEOPACKAGE: (".gpkg",),
    Format.FLATGEOBUF: (".fgb",),
    Format.GEOJSON: (".geojson", ".json"),
    Format.SHAPEFILE: (".shp",),
}

# Apache Parquet, SQLite 3, FlatGeobuf, and the big-endian 9994 of ESRI's white paper (1998).
_MAGIC = {
    b"PAR1": Format.GEOPARQUET,
    b"SQLite format 3\0": Format.GEOPACKAGE,
    b"fgb": Format.FLATGEOBUF,
    b"\x00\x00\x27\x0a": Format.SHAPEFILE,
}

HEAD_BYTES = 64


def by_name(path: Path) -> Format | None:
    """Return the format that a file's name promises; ``None`` for another ending."""
    suffix = path.suffix.lower()
    return next((one for one, known in _SUFFIXES.items() if suffix in known), None)


def by_content(head: bytes) -> Format | None:
    """Return the format that a file's first bytes show; ``None`` for none of ours.

    >>> by_content(b'{"type": "FeatureCollection"'), by_content(b"code,name")
    (<Format.GEOJSON: 'geojson'>, None)
    """
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return Format.GEOJSON
    return next((one for magic, one in _MAGIC.items() if head.startswith(magic)), None)
