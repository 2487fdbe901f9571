"""One place from the command line: a pair of numbers, or a GeoJSON file."""

import json
import sys
from pathlib import Path
from typing import Any

from gridmap import geojson
from gridmap.errors import MalformedGeometryError
from gridmap.place import Place, place, point
from gridmap.tables.table import suffix


def is_table(where: str) -> bool:
    """Tell whether a place's name is a table's: any file but a GeoJSON with one feature."""
    if where == "-" or _pair(where):
        return False
    if suffix(where) not in {".json", ".geojson"}:
        return True
    try:
        document = json.loads(Path(where).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False  # `given` says what is wrong with it
    features = document.get("features") if isinstance(document, dict) else None
    return isinstance(features, list) and len(features) > 1


def given(where: str, crs: str | None, accuracy_m: float | None) -> Place:
    """Return the place that a person names.

    Raises
    ------
    CrsError, PlaceError
        It is none; or the file holds several, and no table to write was named.
    """
    if pair := _pair(where):
        return point(*pair, crs=crs, accuracy_m=accuracy_m)
    return place(geojson.parse(_geometry(where)), crs=crs, accuracy_m=accuracy_m)


def _geometry(where: str) -> Any:
    """The one geometry of a GeoJSON file; more than one is refused, never the first taken."""
    try:
        raw = sys.stdin.read() if where == "-" else Path(where).read_text(encoding="utf-8")
        document = json.loads(raw)
    except FileNotFoundError as error:
        why = "it is neither lng,lat (without a space) nor a file that is there; check the path"
        raise MalformedGeometryError(where=where, why=why) from error
    except OSError as error:
        raise MalformedGeometryError(where=where, why=str(error)) from error
    except ValueError as error:
        why = f"it is no JSON ({error}); for a table of places name OUT"
        raise MalformedGeometryError(where=where, why=why) from error
    if not isinstance(document, dict):
        raise MalformedGeometryError(where=where, why="it is not a GeoJSON object")
    features = document.get("features", [document])
    if not isinstance(features, list) or len(features) != 1 or not isinstance(features[0], dict):
        raise MalformedGeometryError(
            where=where,
            why="it does not hold exactly one feature; name OUT, and all are answered in a table",
        )
    return features[0].get("geometry", features[0])


def _pair(where: str) -> tuple[float, float] | None:
    try:
        lng, lat = (float(number) for number in where.split(","))
    except ValueError:
        return None
    return lng, lat
