"""Notices on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.schemas.values import Wire
from gridmap.dispatch.event import EventKind


class NoticeOut(Wire):
    """One thing that somebody is told of: an event of a case, or an agreement that runs out."""

    id: int
    kind: EventKind | Literal["agreement_expires"]
    at: datetime
    case_id: UUID | None
    number: str | None
    category: str | None
    seq: int | None = Field(description="of the event in its case")
    agreement: str | None = Field(description="the id of the agreement that runs out")
    title: str | None = Field(description="of the agreement")
    days: int | None = Field(description="until the agreement's last day, or fewer")
    read_at: datetime | None


class NoticeList(Wire):
    notices: tuple[NoticeOut, ...]
    unread: int = Field(description="all unread ones, not only those listed")
    next: str | None = Field(description="send it as `after` for the next page; null at the end")


class ReadOut(Wire):
    read: int = Field(description="how many had been unread")
