"""Disputes over a dispatch (派单异议) as they stand, and the pauses and transfers of a case."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ObjectionState(StrEnum):
    OPEN = "open"  # the other side has not answered
    NEGOTIATING = "negotiating"  # it disagrees, both still talk
    REFERRED = "referred"  # with the common superior
    SETTLED = "settled"
    RULED = "ruled"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Objection:
    """A jurisdiction says that another should lead, or a unit that it is not the one to come.

    ``by`` is the objecting area's or unit's key; ``proposes`` the area that should lead instead,
    ``summons`` the call that a unit disputes. Without agreement by ``settle_by`` the ``superior``
    (the lowest common one, an area) decides.
    """

    id: str
    by: str
    at: datetime
    superior: str
    proposes: str | None = None
    summons: str | None = None
    evidence: tuple[str, ...] = ()
    settle_by: datetime | None = None
    answers: tuple["Answer", ...] = ()
    referred_at: datetime | None = None
    ended_at: datetime | None = None
    ended_as: ObjectionState | None = None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def state(self) -> ObjectionState:
        if self.ended_as:
            return self.ended_as
        if self.referred_at:
            return ObjectionState.REFERRED
        return ObjectionState.NEGOTIATING if self.answers else ObjectionState.OPEN


@dataclass(frozen=True)
class Answer:
    """What one side says to an objection."""

    by: str
    at: datetime
    agrees: bool
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hold:
    """A pause (暂缓): asked for by one, granted by another, looked at again on a day."""

    id: str
    asked_at: datetime
    review_on: date
    asked_by: str  # account
    granted_at: datetime | None = None
    granted_by: str | None = None
    refused_at: datetime | None = None
    reviewed_at: datetime | None = None  # when its review was said to be due
    ended_at: datetime | None = None

    @property
    def is_asked(self) -> bool:
        return self.granted_at is None and self.refused_at is None

    @property
    def is_running(self) -> bool:
        return self.granted_at is not None and self.ended_at is None


@dataclass(frozen=True)
class Transfer:
    """A referral to the police or another authority (移送): its evidence, receipt and outcome."""

    id: str
    to_unit: str
    at: datetime
    evidence: tuple[str, ...]
    received_at: datetime | None = None
    receipt: str | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
