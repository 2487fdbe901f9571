"""The rule chain: who leads, who assists, and why.

The largest share is a good default and not the law. So the lead is chosen by an ordered chain of
rules held as data; the first rule that decides wins, and the answer carries the rule, its inputs,
its legal basis and the policy's version, with what every earlier rule saw.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridmap import codes
from gridmap.attribution import Attribution, LevelAttribution, Tolerance
from gridmap.boundary import Area
from gridmap.dispatch.errors import PolicyDataError
from gridmap.level import Level


@dataclass(frozen=True)
class Claim:
    """A jurisdiction concerned by a place, with its share or probability where there is one."""

    area: Area
    weight: float | None


@dataclass(frozen=True)
class Filing:
    """A jurisdiction that has filed the case already (立案), outside this service."""

    area_code: str
    filed_at: datetime
    document: str


@dataclass(frozen=True)
class Question:
    """Everything a rule may look at. ``claims`` come largest first, equal ones by code."""

    claims: tuple[Claim, ...]
    level: Level
    fallback: bool  # no area of the jurisdiction level is here: 属地兜底
    filings: tuple[Filing, ...] = ()
    intake: str | None = None  # area code of the unit that received the report


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
    intake: str | None = None,
) -> Question:
    """Turn an attribution into the question of who leads, at the level that holds cases.

    Where no area of that level is here, the lowest level above it that has one answers.
    """
    answer: LevelAttribution = attribution.lowest_concerned(upto=level)
    claims = tuple(
        Claim(part.area, part.share if part.share is not None else part.probability)
        for part in answer.parts
        if part.counts
    )
    return Question(
        claims=claims,
        level=answer.level,
        fallback=answer.level is not level,
        filings=filings,
        intake=intake,
    )


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
    """One jurisdiction is concerned."""
    area = question.claims[0].area
    alone = len(question.claims) == 1 and not question.fallback
    return Finding(area if alone else None, {"count": len(question.claims), "lead": area.name})


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
        "filed_at": first.filed_at.isoformat(),
        "document": first.document,
    }
    return Finding(lead, inputs)


def dominant_share(question: Question, parameters: Mapping[str, float]) -> Finding:
    """The claim with at least ``threshold`` of the place. An uncertain point has no shares."""
    claim = question.claims[0]
    share = claim.weight or 0.0
    inputs = {"lead": claim.area.name, "share": share, "threshold": parameters["threshold"]}
    return Finding(claim.area if share >= parameters["threshold"] else None, inputs)


def first_receiver(question: Question, parameters: Mapping[str, float]) -> Finding:  # noqa: ARG001 - a Rule
    """The jurisdiction of the intake unit: the claim itself, or the only one it is part of."""
    intake = question.intake
    inputs: dict[str, Any] = {"intake": intake or "-"}
    if intake is None:
        return Finding(None, inputs)
    related = [claim.area for claim in question.claims if _related(intake, claim.area.code)]
    if len(related) != 1:
        return Finding(None, inputs)
    return Finding(related[0], {**inputs, "lead": related[0].name})


def _related(one: str, other: str) -> bool:
    return one == other or codes.is_parent(one, other) or codes.is_parent(other, one)


def largest_share(question: Question, parameters: Mapping[str, float]) -> Finding:  # noqa: ARG001 - a Rule
    """The claim with more than every other, rounding apart; a tie or no shares do not decide."""
    first, *rest = question.claims
    share = first.weight or 0.0
    tied = any(math.isclose(claim.weight or 0.0, share) for claim in rest)
    inputs = {"lead": first.area.name, "share": share}
    return Finding(None if tied else first.area, inputs)


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
        lowest_code,
    )
}
