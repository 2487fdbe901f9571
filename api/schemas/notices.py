"""Notices on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from api.schemas.values import Wire
from gridmap.dispatch.event import EventKind


class NoticeOut(Wire):
    """One event that somebody is told of; the case's own page has the rest."""

    id: int
    case_id: UUID
    number: str
    category: str
    seq: int = Field(description="of the event in its case")
    kind: EventKind
    at: datetime
    read_at: datetime | None


class NoticeList(Wire):
    notices: tuple[NoticeOut, ...]
    unread: int = Field(description="all unread ones, not only those listed")
    next: str | None = Field(description="send it as `after` for the next page; null at the end")


class ReadOut(Wire):
    read: int = Field(description="how many had been unread")
