"""Problems, the departments they need, and the whistles that call them: data with legal basis."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gridmap.dispatch.clock import Span
from gridmap.dispatch.errors import UnknownCategoryError
from gridmap.dispatch.step import Step
from gridmap.level import Level

PART = "part"  # the kind of a class of parts (部件); the others are events (事件)


class Severity(StrEnum):
    GENERAL = "general"
    IMPORTANT = "important"
    CRITICAL = "critical"


class Family(StrEnum):
    """What a whistle is for. The seed names 突击式, 账单式 and 补位式 only: the words are ours."""

    PATROL = "patrol"  # 巡查: what an inspection found
    CONSULTATION = "consultation"  # 会商: all sit down and agree how
    ENFORCEMENT = "enforcement"  # 执法: a power is exercised
    MANAGEMENT = "management"  # 管理: what keeps it from coming back
    ROUTINE = "routine"  # 日常
    CAMPAIGN = "campaign"  # 攻坚: an old, hard question
    EMERGENCY = "emergency"  # 应急
    RAID = "raid"  # 突击式: all at once, nobody warned
    LEDGER = "ledger"  # 账单式: a list of targets, struck off one by one
    GAP_FILLING = "gap_filling"  # 补位式: what no list gives to anybody
    THEME = "theme"  # 治堵哨, 环境哨, ...: `WhistleKind.theme` says which


class Initiator(StrEnum):
    """Who may blow a whistle, by its kind."""

    STREET = "street"  # 街道、乡镇
    DEPARTMENT = "department"  # 部门
    COMMUNITY = "community"  # 社区、村
    GRID_CHIEF = "grid_chief"  # 网格长
    COMMAND = "command"  # 指挥中心
    HALL = "hall"  # 议事厅


@dataclass(frozen=True)
class Outcome:
    """What a summoned unit may state at its finish: 会商纪要, 处罚决定, ..."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class DepartmentKind:
    """What kind of unit: 城管执法, 公安, ... ``government`` is an area's own office.

    ``handed_down_to`` is the kind that holds this one's powers where a street has them itself:
    城管执法 is the street's own 综合执法队 there.
    """

    code: str
    name: str
    name_en: str
    handed_down_to: str | None = None


# The steps that follow 吹哨 where no platform stands between.
STRAIGHT = (Step.REPORTING_IN, Step.EVALUATION, Step.FEEDBACK)


@dataclass(frozen=True)
class WhistleKind:
    """A kind of whistle with its stage clocks; ``None``: no clock.

    ``path`` are the steps after 吹哨, with 平台受理 or straight to 部门报到. Every unit called
    states one of ``outcomes`` at its finish, anything where there are none. ``automatic``: the
    rule blows it, nobody waits for a person. ``confidential``: seen by the named only, unless who
    blows it says otherwise. ``next`` are the kinds that a case may go on to.
    """

    code: str
    name: str
    name_en: str
    family: Family = Family.ROUTINE
    theme: str = ""
    respond: Span | None = None
    arrive: Span | None = None
    finish: Span | None = None
    path: tuple[Step, ...] = STRAIGHT
    initiators: tuple[Initiator, ...] = (Initiator.STREET,)
    outcomes: tuple[Outcome, ...] = ()
    automatic: bool = False
    confidential: bool = False
    next: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProblemClass:
    """A class (大类) of events or parts."""

    code: str
    name: str
    name_en: str
    kind: str


@dataclass(frozen=True)
class Item:
    """One problem: who has the power over it, who helps, which whistle calls them.

    ``power_levels`` are the levels at which the power exists. A power the street holds itself
    needs no whistle inside one street. ``powers`` names, for some of these levels, the kind of
    department that has it there, where it is not the lead kind. ``jurisdiction_level`` is the
    level that holds its cases, and ``analysis`` the deadline of the holder's analysis, where they
    are not the policy's. ``evidence`` is what a case of it needs before it can be decided.
    """

    code: str
    name: str
    name_en: str
    class_code: str
    lead_kind: str
    assisting_kinds: tuple[str, ...]
    power_levels: tuple[Level, ...]
    whistle_kind: str
    severity: Severity
    legal_basis: str
    evidence: tuple[str, ...] = ()
    jurisdiction_level: Level | None = None
    analysis: Span | None = None
    powers: Mapping[Level, str] = field(default_factory=dict)

    @property
    def held_by_street(self) -> bool:
        return Level.STREET in self.power_levels


@dataclass(frozen=True)
class Catalogue:
    """One version of the catalogue; every case keeps the version it was decided with."""

    version: str
    title: str
    sample: bool
    department_kinds: Mapping[str, DepartmentKind]
    whistle_kinds: Mapping[str, WhistleKind]
    classes: Mapping[str, ProblemClass]
    items: Mapping[str, Item]

    def item(self, code: str) -> Item:
        """Return the item of a category code; `UnknownCategoryError` when there is none."""
        if code not in self.items:
            raise UnknownCategoryError(category=code, catalogue=self.version)
        return self.items[code]

    def is_part(self, item: Item) -> bool:
        """Tell whether an item is about a part (部件), something that has an owner."""
        return self.classes[item.class_code].kind == PART

    def kind(self, code: str) -> DepartmentKind:
        """Return a department kind; one that this version has dropped goes by its code."""
        return self.department_kinds.get(code, DepartmentKind(code, code, code))
