"""What happens in a case, as it is kept: who signed it, what changed, what was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gridmap.dispatch.actor import Role


class EventKind(StrEnum):
    REPORTED = "reported"
    JOINED = "joined"
    # 街乡吹哨, 平台受理
    WHISTLE_BLOWN = "whistle_blown"
    DISPATCHED = "dispatched"  # the platform accepts and sends
    SENT_BACK = "sent_back"  # the platform returns it
    SECRECY_LIFTED = "secrecy_lifted"
    # 部门报到
    SUMMONED = "summoned"  # one more unit, to a whistle that has been blown
    STOOD_DOWN = "stood_down"  # one unit is not needed after all
    RESPONDED = "responded"
    ARRIVED = "arrived"
    WRONG_PLACE = "wrong_place"
    UNPROVEN = "unproven"
    COUNTERSIGNED = "countersigned"  # the convener vouches for an arrival
    RELEASED = "released"  # the convener lets a unit go
    LEFT = "left"
    FINISHED = "finished"
    # 评价监督
    EVALUATED = "evaluated"
    VETOED = "vetoed"
    VETO_LIFTED = "veto_lifted"
    ESCALATED = "escalated"
    EXPLAINED = "explained"  # a unit's own account of a failing
    EXEMPTED = "exempted"  # 尽职免责
    # 派单异议, 指定管辖
    OBJECTED = "objected"
    ANSWERED = "answered"
    OBJECTION_WITHDRAWN = "objection_withdrawn"
    SETTLED = "settled"  # both sides agree
    REFERRED_UP = "referred_up"  # to the common superior
    RULED = "ruled"
    # 暂缓, 移送
    HOLD_ASKED = "hold_asked"
    HOLD_REFUSED = "hold_refused"
    HELD = "held"
    REVIEW_DUE = "review_due"  # the day of a hold's review has come
    RESUMED = "resumed"
    RECLOCKED = "reclocked"  # the calendar was announced: the deadlines are computed again
    TRANSFERRED = "transferred"  # 移送
    TRANSFER_RECEIVED = "transfer_received"
    TRANSFER_ENDED = "transfer_ended"
    # 结果反馈
    CLOSED = "closed"
    FED_BACK = "fed_back"
    REOPENED = "reopened"
    MERGED = "merged"  # into another case, which goes on with all the reporters
    TOOK_OVER = "took_over"


@dataclass(frozen=True)
class Signature:
    """Who did it, in which role and for which unit; an account's name is kept elsewhere.

    ``role`` is ``None`` for the service itself.
    """

    account: str
    role: Role | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Event:
    """One thing that happened; a case is rebuilt from its events alone.

    ``data`` is JSON without a word that a person wrote; those stand in ``texts``, which are kept
    apart so that they can be erased.
    """

    kind: EventKind
    at: datetime
    by: Signature
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
