"""The answer for a place on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas.places import PlaceIn, PlaceOut
from api.schemas.values import Code, Name, PastInstant, Wire
from gridmap.attribution import LevelAttribution, Neighbour, Part
from gridmap.boundary import Area, Release
from gridmap.dispatch.catalogue import Catalogue, Item, WhistleKind
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.lead import Considered, Decision
from gridmap.dispatch.plan import Capacity, JurisdictionPlan, Missing, Plan
from gridmap.dispatch.question import Filing, Sides
from gridmap.dispatch.record import Nearby
from gridmap.level import Basis, Level
from gridmap.relation import Relation
from gridmap.resolution import Resolution


class FilingIn(Wire):
    """A jurisdiction that has filed the case already (立案在先), with its document."""

    area_code: Code
    filed_at: PastInstant
    document: Name


class ResolveIn(Wire):
    """What is asked: a place; with a category the answer has a plan, too."""

    place: PlaceIn
    category: Name | None = None
    intake: Code | None = Field(default=None, description="area code of who received the report")
    owner: Name | None = Field(default=None, description="unit id of whose a part (部件) is")
    sides: Sides = Sides.COMPUTED
    filings: Annotated[tuple[FilingIn, ...], Field(max_length=20)] = ()


class AreaOut(Wire):
    level: Level
    code: str
    name: str
    parent: str | None

    @classmethod
    def of(cls, area: Area) -> "AreaOut":
        return cls(level=area.level, code=area.code, name=area.name, parent=area.parent)


class PartOut(AreaOut):
    """One area's claim. Shares belong to footprints and lines, probabilities to points."""

    counts: bool
    share: float | None
    share_low: float | None
    share_high: float | None
    probability: float | None
    area_m2: float | None
    length_m: float | None

    @classmethod
    def of_part(cls, part: Part) -> "PartOut":
        own = {key: value for key, value in vars(part).items() if key != "area"}
        return cls(**vars(AreaOut.of(part.area)), **own)


class NeighbourOut(AreaOut):
    distance_m: float

    @classmethod
    def of_neighbour(cls, neighbour: Neighbour) -> "NeighbourOut":
        return cls(**vars(AreaOut.of(neighbour.area)), distance_m=neighbour.distance_m)


class LevelOut(Wire):
    level: Level
    basis: Basis
    relation: Relation
    border_distance_m: float
    line_accuracy_m: float | None
    parts: tuple[PartOut, ...]
    touches: tuple[PartOut, ...]
    gap_share: float | None
    nearby: tuple[NeighbourOut, ...]

    @classmethod
    def of(cls, answer: LevelAttribution) -> "LevelOut":
        return cls(
            level=answer.level,
            basis=answer.basis,
            relation=answer.relation,
            border_distance_m=answer.border_distance_m,
            line_accuracy_m=answer.line_accuracy_m,
            parts=tuple(PartOut.of_part(part) for part in answer.parts),
            touches=tuple(PartOut.of_part(part) for part in answer.touches),
            gap_share=answer.gap_share,
            nearby=tuple(NeighbourOut.of_neighbour(neighbour) for neighbour in answer.nearby),
        )


class ConsideredOut(Wire):
    rule: str
    rule_name: str
    rule_name_en: str
    decided: bool
    why: str
    why_en: str

    @classmethod
    def of(cls, considered: Considered) -> "ConsideredOut":
        return cls(
            rule=considered.rule.rule,
            rule_name=considered.rule.name,
            rule_name_en=considered.rule.name_en,
            decided=considered.decided,
            why=considered.why(),
            why_en=considered.why(english=True),
        )


class DecisionOut(Wire):
    """Who leads, who assists, and the rule that decided, with what the ones before it saw."""

    lead: AreaOut
    assisting: tuple[AreaOut, ...]
    rule: str
    rule_name: str
    rule_name_en: str
    legal_basis: str
    policy: str
    inputs: dict[str, Any]
    considered: tuple[ConsideredOut, ...]

    @classmethod
    def of(cls, decision: Decision) -> "DecisionOut":
        return cls(
            lead=AreaOut.of(decision.lead),
            assisting=tuple(AreaOut.of(area) for area in decision.assisting),
            rule=decision.rule.rule,
            rule_name=decision.rule.name,
            rule_name_en=decision.rule.name_en,
            legal_basis=decision.rule.legal_basis,
            policy=decision.policy,
            inputs=dict(decision.inputs),
            considered=tuple(ConsideredOut.of(considered) for considered in decision.considered),
        )


class UnitOut(Wire):
    id: str
    name: str
    kind: str
    kind_name: str
    kind_name_en: str
    area_code: str

    @classmethod
    def of(cls, unit: Unit, catalogue: Catalogue) -> "UnitOut":
        kind = catalogue.kind(unit.kind)
        return cls(
            id=unit.id,
            name=unit.name,
            kind=unit.kind,
            kind_name=kind.name,
            kind_name_en=kind.name_en,
            area_code=unit.area_code,
        )


class AssignmentOut(Wire):
    unit: UnitOut
    role: Capacity


class MissingOut(Wire):
    """A department kind that no unit up the tree has: somebody must see to the directory."""

    kind: str
    kind_name: str
    kind_name_en: str

    @classmethod
    def of(cls, missing: Missing, catalogue: Catalogue) -> "MissingOut":
        kind = catalogue.kind(missing.kind)
        return cls(kind=missing.kind, kind_name=kind.name, kind_name_en=kind.name_en)


class JurisdictionOut(Wire):
    area: AreaOut
    role: Capacity
    office: UnitOut | None
    units: tuple[AssignmentOut, ...]
    missing: tuple[MissingOut, ...]

    @classmethod
    def of(cls, side: JurisdictionPlan, catalogue: Catalogue) -> "JurisdictionOut":
        return cls(
            area=AreaOut.of(side.area),
            role=side.role,
            office=UnitOut.of(side.office, catalogue) if side.office else None,
            units=tuple(
                AssignmentOut(unit=UnitOut.of(one.unit, catalogue), role=one.role)
                for one in side.assignments
            ),
            missing=tuple(MissingOut.of(missing, catalogue) for missing in side.missing),
        )


class PlanOut(Wire):
    """Who is summoned in each jurisdiction. ``summons`` counts every unit once."""

    category: Item
    whistle: WhistleKind
    needs_whistle: bool
    summons: int
    jurisdictions: tuple[JurisdictionOut, ...]

    @classmethod
    def of(cls, plan: Plan, catalogue: Catalogue) -> "PlanOut":
        return cls(
            category=plan.item,
            whistle=plan.whistle,
            needs_whistle=plan.needs_whistle,
            summons=len(plan.calls),
            jurisdictions=tuple(JurisdictionOut.of(side, catalogue) for side in plan.jurisdictions),
        )


class DuplicateOut(Wire):
    case_id: UUID
    number: str
    opened_at: datetime
    distance_m: float

    @classmethod
    def of(cls, near: Nearby) -> "DuplicateOut":
        return cls(
            case_id=near.id,
            number=near.number,
            opened_at=near.opened_at,
            distance_m=near.distance_m,
        )


class ReleaseName(Wire):
    id: str
    title: str

    @classmethod
    def of(cls, release: Release) -> "ReleaseName":
        return cls(id=release.id, title=release.title)


class ResolutionOut(Wire):
    """Whose a place is, who leads and why, who comes; nothing was written."""

    release: ReleaseName
    place: PlaceOut
    levels: tuple[LevelOut, ...]
    decision: DecisionOut
    plan: PlanOut | None
    duplicates: tuple[DuplicateOut, ...]

    @classmethod
    def of(
        cls, answer: Resolution, *, release: Release, catalogue: Catalogue, duplicates: list[Nearby]
    ) -> "ResolutionOut":
        return cls(
            release=ReleaseName.of(release),
            place=PlaceOut.of(answer.attribution.place),
            levels=tuple(LevelOut.of(level) for level in answer.attribution.levels),
            decision=DecisionOut.of(answer.decision),
            plan=PlanOut.of(answer.plan, catalogue) if answer.plan else None,
            duplicates=tuple(DuplicateOut.of(near) for near in duplicates),
        )


def filings(given: tuple[FilingIn, ...]) -> tuple[Filing, ...]:
    return tuple(Filing(one.area_code, one.filed_at, one.document) for one in given)
