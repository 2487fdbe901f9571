"""Rows and JSON columns to the domain's frozen dataclasses, and back."""

from typing import Any

from geoalchemy2.shape import from_shape, to_shape
from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from api.store.tables import SRID
from gridmap.attribution import LevelAttribution
from gridmap.boundary import Area
from gridmap.dispatch.catalogue import Item
from gridmap.dispatch.lead import Decision
from gridmap.dispatch.plan import Plan
from gridmap.dispatch.question import Filing
from gridmap.place import Place, PlaceKind

ATTRIBUTION = TypeAdapter(tuple[LevelAttribution, ...])
DECISION = TypeAdapter(Decision)
AREA = TypeAdapter(Area)
ITEM = TypeAdapter(Item)
PLAN = TypeAdapter(Plan)
FILINGS = TypeAdapter(tuple[Filing, ...])


def place_columns(place: Place) -> dict[str, Any]:
    return {
        "place": from_shape(place.geometry, srid=SRID),
        "place_kind": place.kind.value,
        "given_crs": place.given_crs,
        "accuracy_m": place.accuracy_m,
    }


def place_of(row: RowMapping) -> Place:
    return Place(
        geometry=to_shape(row["place"]),
        kind=PlaceKind(row["place_kind"]),
        given_crs=row["given_crs"],
        accuracy_m=row["accuracy_m"],
    )
