"""Agreements for tests: on the border x = 4 of the toy city, in a few words."""

from datetime import date, time
from typing import Any

import shapely

from gridmap.dispatch.agreement import Agreement, Document, Hours
from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.catalogue_document import catalogue
from gridmap.place import place
from tests.toy import EAST_STREET, SOUTH_STREET

DOCUMENT = Document("边界联合治理协议", "联〔2026〕3号", date(2026, 2, 27))
NIGHTS = Hours((1, 2, 3, 4, 5), time(22), time(6))


def agreement(
    name: str = "A",
    *,
    wkt: str = "LINESTRING (4 0.5, 4 1.5)",
    lead: str = SOUTH_STREET,
    **terms: Any,
) -> Agreement:
    """An agreement of the toy city's southern and eastern street, 100 m to both sides."""
    given = {
        "reach_m": 100.0,
        "parties": (SOUTH_STREET, EAST_STREET),
        "document": DOCUMENT,
        "valid_from": date(2026, 3, 1),
    } | terms
    stretch = place(shapely.from_wkt(wkt), crs="EPSG:4490")
    return Agreement(id=name, title=f"协议{name}", stretch=stretch, lead=lead, **given)


def problems() -> Catalogue:
    """A catalogue of one class of events, one of parts, and three items."""
    item = {
        "name": "x", "name_en": "x", "lead_kind": "government", "assisting_kinds": (),
        "power_levels": ("street",), "whistle_kind": "w", "severity": "general",
        "legal_basis": "law",
    }  # fmt: skip
    return catalogue(
        {
            "version": "toy",
            "title": "toy",
            "department_kinds": [{"code": "government", "name": "x", "name_en": "x"}],
            "whistle_kinds": [{"code": "w", "name": "x", "name_en": "x"}],
            "classes": [
                {"code": "E01", "name": "x", "name_en": "x", "kind": "event"},
                {"code": "P01", "name": "x", "name_en": "x", "kind": "part"},
            ],
            "items": [
                item | {"code": "E0101", "class_code": "E01"},
                item | {"code": "E0102", "class_code": "E01"},
                item | {"code": "P0101", "class_code": "P01"},
            ],
        },
        source="toy",
    )
