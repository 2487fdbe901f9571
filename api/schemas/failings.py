"""The three failings on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from api.schemas.values import Wire
from gridmap.dispatch.failing import Failing


class FailingLineOut(Wire):
    """One failing of one unit: in a case, or of an obligation (应当布置没行动)."""

    failing: Failing
    unit: str
    unit_name: str
    since: datetime
    case: UUID | None
    number: str | None
    summons: str | None
    obligation: UUID | None
    title: str | None
    explained_at: datetime | None
    explanation: str = Field(description="the unit's own account; empty when it was erased")
    exempted_at: datetime | None
    exemption: str = Field(description="the supervisor's reason (容错、尽职免责)")


class FailingListOut(Wire):
    from_at: datetime
    until_at: datetime
    failings: tuple[FailingLineOut, ...]
    now: datetime
