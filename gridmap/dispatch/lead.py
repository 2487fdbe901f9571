"""The rule chain: who leads, who assists, and why.

The largest share is a good default and not the law. So the lead is chosen by an ordered chain of
rules held as data; the first rule that decides wins, and the answer carries the rule, its inputs,
its legal basis and the policy's version, with what every earlier rule saw.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from gridmap import codes
from gridmap.attribution import Attribution, LevelAttribution, Part, Tolerance
from gridmap.boundary import Area
from gridmap.dispatch.clock import Escalation, Span, WorkingHours
from gridmap.dispatch.errors import PolicyDataError
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


@dataclass(frozen=True)
class Finding:
    """What one rule made of a question: a lead or none, and the inputs it looked at."""

    lead: Area | None
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class RuleData:
    """One rule of a policy: which, with what parameters, on what legal basis.

    ``decides`` and ``passes`` are the sentences that explain it, filled with its inputs.
    """

    rule: str
    name: str
    name_en: str
    legal_basis: str
    decides: str
    decides_en: str
    passes: str
    passes_en: str
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """What the service accepts; the library itself has no such limits."""

    max_footprint_m2: float
    max_length_m: float
    max_accuracy_m: float
    max_vertices: int


@dataclass(frozen=True)
class Duplicates:
    """When a report joins an open case of the same category instead of opening one."""

    radius_m: float
    within_days: float


@dataclass(frozen=True)
class Policy:
    """One version of the rules and thresholds; every decision names it."""

    version: str
    title: str
    jurisdiction_level: Level
    tolerance: Tolerance
    limits: Limits
    duplicates: Duplicates
    geofence_m: float
    timezone: ZoneInfo
    working_hours: WorkingHours
    escalations: tuple[Escalation, ...]
    analysis: Span
    negotiation: Span
    rules: tuple[RuleData, ...]


@dataclass(frozen=True)
class Considered:
    """One rule of the chain and what it found."""

    rule: RuleData
    finding: Finding

    @property
    def decided(self) -> bool:
        return self.finding.lead is not None

    def why(self, *, english: bool = False) -> str:
        """The rule's sentence with its inputs."""
        rule = self.rule
        if english:
            sentence = rule.decides_en if self.decided else rule.passes_en
        else:
            sentence = rule.decides if self.decided else rule.passes
        return sentence.format(**self.finding.inputs)


@dataclass(frozen=True)
class Decision:
    """Who leads and who assists; ``considered`` ends with the rule that decided."""

    lead: Area
    assisting: tuple[Area, ...]
    policy: str
    considered: tuple[Considered, ...]

    @property
    def rule(self) -> RuleData:
        return self.considered[-1].rule

    @property
    def inputs(self) -> Mapping[str, Any]:
        return self.considered[-1].finding.inputs


Rule = Callable[[Question, Mapping[str, float]], Finding]


def question(
    attribution: Attribution,
    *,
    level: Level,
    filings: tuple[Filing, ...] = (),
    intake: Area | None = None,
    sides: Sides = Sides.COMPUTED,
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


def decide(question: Question, policy: Policy) -> Decision:
    """Ask the rules in their order; the first that names a lead wins, all other claims assist."""
    considered: list[Considered] = []
    for rule in policy.rules:
        finding = RULES[rule.rule](question, rule.parameters)
        considered.append(Considered(rule, finding))
        if finding.lead is not None:
            others = tuple(c.area for c in question.claims if c.area != finding.lead)
            return Decision(finding.lead, others, policy.version, tuple(considered))
    raise PolicyDataError(policy.version, "rules", "no rule decided; end with lowest_code")


# --- the rules --------------------------------------------------------------------------------


def only_territory(question: Question, parameters: Mapping[str, float]) -> Finding:  # noqa: ARG001 - a Rule
    """One jurisdiction is concerned, and no other might be."""
    area = question.claims[0].area
    alone = len(question.claims) == 1 and not question.fallback and not question.near
    count = len(question.claims) + len(question.near)
    return Finding(area if alone else None, {"count": count, "lead": area.name})


def territorial_fallback(question: Question, parameters: Mapping[str, float]) -> Finding:  # noqa: ARG001 - a Rule
    """In a gap the lowest area that contains the place holds the case (属地兜底)."""
    area = question.claims[0].area
    alone = len(question.claims) == 1 and question.fallback
    return Finding(area if alone else None, {"count": len(question.claims), "lead": area.name})


def first_to_file(question: Question, parameters: Mapping[str, float]) -> Finding:  # noqa: ARG001 - a Rule
    """The claim that filed first; filings of others do not count, equal times do not decide."""
    by_code = {claim.area.code: claim.area for claim in question.claims}
    filings = sorted(
        (f for f in question.filings if f.area_code in by_code), key=lambda filing: filing.filed_at
    )
    tied = len(filings) > 1 and filings[0].filed_at == filings[1].filed_at
    if not filings or tied:
        return Finding(None, {"count": len(filings)})
    first = filings[0]
    lead = by_code[first.area_code]
    inputs = {
        "count": len(filings),
        "lead": lead.name,
        "filed_at": f"{first.filed_at:%Y-%m-%d %H:%M}",
        "document": first.document,
    }
    return Finding(lead, inputs)


def dominant_share(question: Question, parameters: Mapping[str, float]) -> Finding:
    """The claim with at least ``threshold`` of a footprint or line; a point has no shares."""
    claim = question.claims[0]
    share = claim.share or 0.0
    inputs = {"lead": claim.area.name, "share": share, "threshold": parameters["threshold"]}
    return Finding(claim.area if share >= parameters["threshold"] else None, inputs)


def first_receiver(question: Question, parameters: Mapping[str, float]) -> Finding:  # noqa: ARG001 - a Rule
    """The jurisdiction of the intake unit: the claim itself, or the only one it is part of."""
    intake = question.intake
    if intake is None:
        return Finding(None, {"intake": "—"})
    related = [claim.area for claim in question.claims if _related(intake, claim.area)]
    if len(related) != 1:
        return Finding(None, {"intake": intake.name})
    return Finding(related[0], {"intake": intake.name, "lead": related[0].name})


def _related(one: Area, other: Area) -> bool:
    same = one.code == other.code
    return same or codes.is_parent(one.code, other.code) or codes.is_parent(other.code, one.code)


def largest_share(question: Question, parameters: Mapping[str, float]) -> Finding:  # noqa: ARG001 - a Rule
    """The claim with more than every other, rounding apart; a tie or no shares do not decide."""
    first = question.claims[0]
    share = first.share or 0.0
    decides = _ahead([claim.share for claim in question.claims])
    return Finding(first.area if decides else None, {"lead": first.area.name, "share": share})


def likeliest(question: Question, parameters: Mapping[str, float]) -> Finding:  # noqa: ARG001 - a Rule
    """The claim that a point near a line most likely belongs to; a tie does not decide."""
    first, *rest = question.claims
    others = [*(claim.area for claim in rest), *question.near]
    inputs = {
        "lead": first.area.name,
        "probability": first.probability or 0.0,
        "near": "、".join(area.name for area in others) or "—",
    }
    decides = _ahead([claim.probability for claim in question.claims])
    return Finding(first.area if decides else None, inputs)


def _ahead(weights: list[float | None]) -> bool:
    """Whether the first weight is there and greater than every other, rounding apart."""
    first, *rest = (weight or 0.0 for weight in weights)
    return first > 0 and not any(weight > first or math.isclose(weight, first) for weight in rest)


def lowest_code(question: Question, parameters: Mapping[str, float]) -> Finding:  # noqa: ARG001 - a Rule
    """The claim with the lowest code: arbitrary, but the same on every machine and day."""
    area = min((claim.area for claim in question.claims), key=lambda area: area.code)
    return Finding(area, {"lead": area.name, "code": area.code})


RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        only_territory,
        territorial_fallback,
        first_to_file,
        dominant_share,
        first_receiver,
        largest_share,
        likeliest,
        lowest_code,
    )
}
