"""Bodies that may come as JSON or as GeoJSON.

``application/geo+json`` is WGS 84 by RFC 7946, so it is the one way to give a place without
declaring a CRS. A legacy ``crs`` member is accepted where it names CRS84, refused otherwise.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from api.services.errors import UnsupportedMediaTypeError
from gridmap.errors import MalformedGeometryError, UnknownCrsError

JSON = "application/json"
GEOJSON = "application/geo+json"
_WGS84 = {"urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"}

Body = TypeVar("Body", bound=BaseModel)


def json_or_geojson(model: type[Body]) -> Callable[[Request], Awaitable[Body]]:
    """Return a dependency that reads ``model`` from JSON, or from a GeoJSON Feature.

    A Feature's geometry is the place; its properties are the other fields, ``accuracy_m`` too.
    """

    async def body(request: Request) -> Body:
        media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if media_type not in {JSON, GEOJSON}:
            # Also what keeps other sites' forms out: a browser sends these two after asking.
            raise UnsupportedMediaTypeError(given=media_type)
        document = _parsed(await request.body())
        if media_type == GEOJSON:
            document = _from_feature(document)
        try:
            return model.model_validate(document)
        except ValidationError as error:
            where = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
            raise RequestValidationError(where) from error

    return body


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        reason = {"loc": ("body",), "msg": f"it is not JSON: {error}", "type": "json"}
        raise RequestValidationError([reason]) from error


def _from_feature(document: Any) -> dict[str, Any]:
    if not isinstance(document, Mapping) or document.get("type") != "Feature":
        raise MalformedGeometryError(where="body", why="it is not a GeoJSON Feature")
    _refuse_foreign_crs(document)
    properties = _properties(document)
    place = {
        "crs": "EPSG:4326",
        "geometry": document.get("geometry"),
        "accuracy_m": properties.pop("accuracy_m", None),
    }
    return {**properties, "place": place}


def _properties(document: Mapping[str, Any]) -> dict[str, Any]:
    properties = document.get("properties")
    if properties is None:  # RFC 7946, section 3.2: an object or null
        return {}
    if not isinstance(properties, Mapping):
        raise MalformedGeometryError(where="properties", why="it is neither an object nor null")
    if "place" in properties:
        raise MalformedGeometryError(
            where="properties.place", why="the place of a Feature is its geometry"
        )
    return dict(properties)


def _refuse_foreign_crs(document: Mapping[str, Any]) -> None:
    crs = document.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if name not in _WGS84:
        raise UnknownCrsError(crs=str(name or crs))


def body_schema(model: type[BaseModel], *, example: Mapping[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI request body of an endpoint that uses `json_or_geojson`."""
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    feature = {"type": "object", "description": "a GeoJSON Feature; its properties are the fields"}
    return {
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": reference, "example": example},
                GEOJSON: {"schema": feature},
            },
        }
    }
