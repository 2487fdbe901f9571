"""What somebody shows in a case: a text, a file, a survey of the line (民政勘界)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shapely.geometry.base import BaseGeometry


class EvidenceKind(StrEnum):
    TEXT = "text"
    FILE = "file"
    SURVEY = "survey"  # a line or area as measured on the ground, with who and when


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence. A file is known by its SHA-256; ``geometry`` is in EPSG:4490."""

    id: UUID
    kind: EvidenceKind
    title: str
    account: str
    at: datetime
    unit: str | None = None
    text: str = ""
    media_type: str | None = None
    sha256: str | None = None
    size: int | None = None
    geometry: BaseGeometry | None = None
    surveyed_on: date | None = None
    surveyed_by: str | None = None
    erased_at: datetime | None = None
