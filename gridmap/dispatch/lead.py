"""The rule chain: who leads, who assists, and why.

The largest share is a good default and not the law. So the lead is chosen by an ordered chain of
rules held as data; the first rule that decides wins, and the answer carries the rule, its inputs,
its legal basis and the policy's version, with what every earlier rule saw.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from gridmap.attribution import Tolerance
from gridmap.boundary import Area
from gridmap.dispatch.clock import Escalation, Span, WorkingHours
from gridmap.dispatch.errors import PolicyDataError
from gridmap.dispatch.question import Finding, Question
from gridmap.dispatch.rules import RULES
from gridmap.level import Level


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
class Measures:
    """How figures and scores are counted.

    No rate and no rank is told of fewer than ``minimum``. A case repeats an earlier one of the
    same item within ``repeat_radius_m`` and ``repeat_days``. The weights are those of a
    department's result: what streets score, how its work was evaluated, how content people are.
    """

    minimum: int = 5
    repeat_radius_m: float = 100.0
    repeat_days: float = 90.0
    weight_score: float = 0.6
    weight_evaluation: float = 0.2
    weight_satisfaction: float = 0.2


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
    position_kept_h: float = 12.0  # somebody's last position; a shift is over by then
    measures: Measures = Measures()


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


def decide(question: Question, policy: Policy) -> Decision:
    """Ask the rules in their order; the first that names a lead wins, all other claims assist."""
    considered: list[Considered] = []
    for rule in policy.rules:
        finding = RULES[rule.rule].find(question, rule.parameters)
        considered.append(Considered(rule, finding))
        if finding.lead is not None:
            others = tuple(c.area for c in question.claims if c.area != finding.lead)
            return Decision(finding.lead, others, policy.version, tuple(considered))
    raise PolicyDataError(policy.version, "rules", "no rule decided; end with lowest_code")
