"""The question that the rule chain answers: everything a rule may look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gridmap.attribution import Attribution, LevelAttribution, Part
from gridmap.boundary import Area
from gridmap.dispatch.agreement import Agreement
from gridmap.dispatch.agreements import Found
from gridmap.level import Level
from gridmap.place import PlaceKind


class Sides(StrEnum):
    """What a reporter near a line says: nothing, notify both sides, or it is on this side."""

    COMPUTED = "computed"
    BOTH = "both"
    HERE = "here"


@dataclass(frozen=True)
class Claim:
    """A jurisdiction concerned by a place: a footprint's share, or a point's probability."""

    area: Area
    share: float | None = None
    probability: float | None = None  # of a point without accuracy 1 where it lies, 0 beside


@dataclass(frozen=True)
class Filing:
    """A jurisdiction that has filed the case already (立案), outside this service."""

    area_code: str
    filed_at: datetime
    document: str


@dataclass(frozen=True)
class Ruling:
    """The common superior has named who leads a case (指定管辖)."""

    lead: Area
    by: Area | None  # None where the record does not tell
    ruled_at: datetime
    document: str = ""


@dataclass(frozen=True)
class Honoured:
    """An agreement that holds here and now, with its lead at the level that holds cases.

    The lead of a village's agreement is its street; one between districts keeps its district.
    """

    agreement: Agreement
    lead: Area


@dataclass(frozen=True)
class Owner:
    """Whose a part is: a unit, by the report or a register, and its jurisdiction."""

    unit: str
    area: Area


@dataclass(frozen=True)
class Question:
    """Everything a rule may look at. ``claims`` come largest first, equal ones by code.

    ``near`` are the areas that a point may belong to as well and that do not count; none once
    the reporter has said which side it is.
    """

    claims: tuple[Claim, ...]
    level: Level
    fallback: bool  # no area of the jurisdiction level is here: 属地兜底
    near: tuple[Area, ...] = ()
    filings: tuple[Filing, ...] = ()
    intake: Area | None = None  # whose unit received the report
    ruling: Ruling | None = None
    agreements: tuple[Honoured, ...] = ()
    lapsed: tuple[Found, ...] = ()  # agreements on the place that do not hold at this instant
    is_part: bool = False  # of a part's category, not of an event's
    owner: Owner | None = None


@dataclass(frozen=True)
class Finding:
    """What one rule made of a question: a lead or none, and the inputs it looked at."""

    lead: Area | None
    inputs: Mapping[str, Any]


def question(
    attribution: Attribution,
    *,
    level: Level,
    filings: tuple[Filing, ...] = (),
    intake: Area | None = None,
    sides: Sides = Sides.COMPUTED,
    ruling: Ruling | None = None,
    agreements: tuple[Honoured, ...] = (),
    lapsed: tuple[Found, ...] = (),
    is_part: bool = False,
    owner: Owner | None = None,
) -> Question:
    """Turn an attribution into the question of who leads, at the level that holds cases.

    Where no area of that level is here, the lowest level above it that has one answers. With
    ``sides`` both, the areas within a place's accuracy or the policy's buffer claim it, too.
    """
    answer = attribution.lowest_concerned(upto=level)
    is_point = attribution.place.kind is PlaceKind.POINT
    claims = [_claim(part, is_point=is_point) for part in answer.parts if part.counts]
    near = _near(answer, is_point=is_point)
    if sides is Sides.BOTH:
        claims += near
    return Question(
        claims=tuple(sorted(claims, key=_largest_first)),
        level=answer.level,
        fallback=answer.level is not level,
        near=tuple(c.area for c in near) if is_point and sides is Sides.COMPUTED else (),
        filings=filings,
        intake=intake,
        ruling=ruling,
        agreements=agreements,
        lapsed=lapsed,
        is_part=is_part,
        owner=owner,
    )


def _claim(part: Part, *, is_point: bool) -> Claim:
    certain = 1.0 if is_point else None
    return Claim(part.area, part.share, certain if part.probability is None else part.probability)


def _near(answer: LevelAttribution, *, is_point: bool) -> list[Claim]:
    """The areas beside a place that do not count: likely ones, and those within the buffer."""
    likely = [_claim(part, is_point=is_point) for part in answer.parts if not part.counts]
    known = {part.area for part in answer.parts}
    beside = [one.area for one in answer.nearby if one.area not in known]
    return likely + [Claim(area, probability=0.0 if is_point else None) for area in beside]


def _largest_first(claim: Claim) -> tuple[float, float, str]:
    return -(claim.share or 0.0), -(claim.probability or 0.0), claim.area.code
