"""A place on the wire: a declared CRS and a GeoJSON geometry."""

from typing import Annotated, Any

from pydantic import Field, PlainSerializer, WithJsonSchema

from api.schemas.values import Metres, Name, Wire
from gridmap import geojson
from gridmap.place import Place, PlaceKind, place

_GEOMETRY_SCHEMA = {
    "type": "object",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {
            "type": "string",
            "enum": ["Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"],
        },
        "coordinates": {"type": "array", "items": {}},
    },
}

# Checked by `gridmap.geojson`, which names the culprit better than a schema can.
GeometryIn = Annotated[Any, WithJsonSchema(_GEOMETRY_SCHEMA)]
GeometryOut = Annotated[dict[str, Any], WithJsonSchema(_GEOMETRY_SCHEMA), PlainSerializer(dict)]


class PlaceIn(Wire):
    """Where it is. ``crs`` is required: EPSG:n, GCJ-02 or BD-09; it is never guessed."""

    crs: Name | None = Field(default=None, examples=["EPSG:4326"])
    geometry: GeometryIn
    accuracy_m: Metres | None = None

    def place(self) -> Place:
        """Return the checked place; raises the library's named errors."""
        return place(geojson.parse(self.geometry), crs=self.crs, accuracy_m=self.accuracy_m)


class PlaceOut(Wire):
    """A place in CGCS2000 (longitude, latitude), as it was understood."""

    kind: PlaceKind
    geometry: GeometryOut
    given_crs: str
    accuracy_m: float | None
    area_m2: float | None
    length_m: float | None

    @classmethod
    def of(cls, place: Place) -> "PlaceOut":
        return cls(
            kind=place.kind,
            geometry=geojson.dump(place.geometry),
            given_crs=place.given_crs,
            accuracy_m=place.accuracy_m,
            area_m2=place.area_m2,
            length_m=place.length_m,
        )
