"""Who may do what with a case: one table, asked once by the services and by nobody else.

A right is a role and a *tie*: what the grant's area or unit is to the case. Nobody has a right by
a role alone, and nobody but the service itself has every right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gridmap import codes
from gridmap.dispatch.actor import SYSTEM, Actor, Grant, Role
from gridmap.dispatch.case import Case
from gridmap.dispatch.catalogue import Initiator, WhistleKind
from gridmap.dispatch.dispute import Objection, Transfer
from gridmap.dispatch.event import Signature
from gridmap.dispatch.refusals import NotYoursError
from gridmap.dispatch.summons import Summons
from gridmap.dispatch.whistle import Whistle


class Action(StrEnum):
    """Everything that somebody can do with a case that is there."""

    BLOW = "blow"
    DISPATCH = "dispatch"
    SEND_BACK = "send_back"
    LIFT_SECRECY = "lift_secrecy"
    SUMMON = "summon"
    STAND_DOWN = "stand_down"
    RESPOND = "respond"
    ARRIVE = "arrive"
    COUNTERSIGN = "countersign"
    RELEASE = "release"
    LEAVE = "leave"
    FINISH = "finish"
    EVALUATE = "evaluate"
    VETO = "veto"
    LIFT_VETO = "lift_veto"
    EXPLAIN = "explain"
    EXEMPT = "exempt"
    OBJECT = "object"
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    SETTLE = "settle"
    REFER_UP = "refer_up"
    RULE = "rule"
    ASK_HOLD = "ask_hold"
    GRANT_HOLD = "grant_hold"
    RESUME = "resume"
    TRANSFER = "transfer"
    RECEIVE_TRANSFER = "receive_transfer"
    END_TRANSFER = "end_transfer"
    CLOSE = "close"
    FEED_BACK = "feed_back"
    REOPEN = "reopen"
    MERGE = "merge"
    ADD_EVIDENCE = "add_evidence"
    SEE_CALLER = "see_caller"  # who called the hotline
    ERASE = "erase"


@dataclass(frozen=True)
class Matter:
    """What an action is about: a case, and the part of it where it is about one."""

    case: Case
    whistle: Whistle | None = None
    summons: Summons | None = None
    objection: Objection | None = None
    transfer: Transfer | None = None
    unit: str | None = None  # whose failing is explained, who should come


Tie = Callable[[Grant, Matter], bool]


def covers(area: str, code: str) -> bool:
    """Whether an area is another or lies above it, by their codes.

    >>> covers("110000", "110102020"), covers("110102", "110102"), covers("110106", "110102020")
    (True, True, False)
    """
    return area == code or codes.is_parent(area, code)


def is_convener(grant: Grant, matter: Matter) -> bool:
    """For the holder's office; over the holder where it has none."""
    case = matter.case
    return (
        covers(grant.area_code, case.holder) if case.convener is None else _is(grant, case.convener)
    )


def is_whistler(grant: Grant, matter: Matter) -> bool:
    """For the unit that blew the whistle in question, else for the convener."""
    whistle = matter.whistle
    if whistle is None or whistle.convener is None:
        return is_convener(grant, matter)
    return _is(grant, whistle.convener)


def is_over_holder(grant: Grant, matter: Matter) -> bool:
    return covers(grant.area_code, matter.case.holder)


def is_above_holder(grant: Grant, matter: Matter) -> bool:
    """Over more than the holder: nobody approves their own."""
    return codes.is_parent(grant.area_code, matter.case.holder)


def is_over_place(grant: Grant, matter: Matter) -> bool:
    """Over or in one of the concerned jurisdictions: where the place lies in it, too."""
    case = matter.case
    return any(covers(grant.area_code, code) for code in (*case.sides, *case.areas))


def is_summoned(grant: Grant, matter: Matter) -> bool:
    """For the unit of the summons in question."""
    return matter.summons is not None and _is(grant, matter.summons.unit.id)


def is_called(grant: Grant, matter: Matter) -> bool:
    """For any unit that the case has called."""
    return any(_is(grant, summons.unit.id) for summons in matter.case.summons)


def is_side(grant: Grant, matter: Matter) -> bool:
    """For the office of one of the concerned jurisdictions, or over exactly that one."""
    return grant.area_code in matter.case.sides


def is_objector(grant: Grant, matter: Matter) -> bool:
    """For the area or unit that objected."""
    if matter.objection is None:
        return False
    return matter.objection.by in {f"area:{grant.area_code}", f"unit:{grant.unit}"}


def is_other_side(grant: Grant, matter: Matter) -> bool:
    """For a concerned side that did not object; a unit's objection is answered by the whistler."""
    objection = matter.objection
    if objection is None or is_objector(grant, matter):
        return False
    return is_whistler(grant, matter) if objection.summons else is_side(grant, matter)


def is_superior(grant: Grant, matter: Matter) -> bool:
    """Over exactly the superior that the objection goes to."""
    return matter.objection is not None and grant.area_code == matter.objection.superior


def is_receiver(grant: Grant, matter: Matter) -> bool:
    """For the unit that a transfer went to."""
    return matter.transfer is not None and _is(grant, matter.transfer.to_unit)


def is_unit_asked(grant: Grant, matter: Matter) -> bool:
    """For the unit that the action names."""
    return matter.unit is not None and _is(grant, matter.unit)


def _is(grant: Grant, unit: str) -> bool:
    return grant.unit == unit


@dataclass(frozen=True)
class Right:
    """Who holds one of ``roles`` and is tied so may."""

    roles: frozenset[Role]
    tie: Tie


def right(*roles: Role, tie: Tie) -> Right:
    return Right(frozenset(roles), tie)


ALL = tuple(Role)
_CONVENER = right(Role.CONVENER, tie=is_convener)
_WHISTLER = right(*ALL, tie=is_whistler)
_NO_OFFICE = right(Role.COMMAND, tie=lambda g, m: m.case.convener is None and is_over_holder(g, m))
_SUMMONED = right(*ALL, tie=is_summoned)
_PLATFORM = right(Role.COMMAND, tie=is_above_holder)
_OBJECTOR = right(*ALL, tie=is_objector)
_OTHER_SIDE = right(
    Role.CONVENER, Role.JOINT_TEAM, Role.DEPARTMENT, Role.COMMAND, tie=is_other_side
)
_SUPERIOR = right(Role.COMMAND, Role.SUPERVISOR, Role.JOINT_TEAM, tie=is_superior)

RIGHTS: Mapping[Action, tuple[Right, ...]] = {
    Action.DISPATCH: (_PLATFORM,),
    Action.SEND_BACK: (_PLATFORM,),
    Action.LIFT_SECRECY: (_WHISTLER,),
    Action.SUMMON: (_WHISTLER, _NO_OFFICE),
    Action.STAND_DOWN: (_WHISTLER, _NO_OFFICE),
    Action.RESPOND: (_SUMMONED,),
    Action.ARRIVE: (_SUMMONED,),
    Action.LEAVE: (_SUMMONED, _WHISTLER),
    Action.FINISH: (_SUMMONED,),
    Action.COUNTERSIGN: (_WHISTLER, _NO_OFFICE),
    Action.RELEASE: (_WHISTLER, _NO_OFFICE),
    Action.EVALUATE: (_WHISTLER, _NO_OFFICE),
    Action.VETO: (_CONVENER, _NO_OFFICE),
    Action.LIFT_VETO: (_CONVENER, _NO_OFFICE),
    Action.EXPLAIN: (right(*ALL, tie=is_unit_asked),),
    Action.EXEMPT: (right(Role.SUPERVISOR, tie=is_above_holder),),
    Action.OBJECT: (
        right(Role.CONVENER, tie=is_side),
        right(Role.JOINT_TEAM, tie=is_over_place),
        right(Role.DEPARTMENT, Role.CONVENER, tie=is_summoned),
    ),
    Action.ANSWER: (_OTHER_SIDE,),
    Action.WITHDRAW: (_OBJECTOR,),
    Action.SETTLE: (_OBJECTOR, _OTHER_SIDE),
    Action.REFER_UP: (_OBJECTOR, _OTHER_SIDE),
    Action.RULE: (_SUPERIOR,),
    Action.ASK_HOLD: (_CONVENER, _NO_OFFICE),
    Action.GRANT_HOLD: (right(Role.COMMAND, Role.SUPERVISOR, tie=is_above_holder),),
    Action.RESUME: (
        _CONVENER,
        _NO_OFFICE,
        right(Role.COMMAND, Role.SUPERVISOR, tie=is_above_holder),
    ),
    Action.TRANSFER: (_CONVENER, _NO_OFFICE, right(Role.DEPARTMENT, tie=is_called)),
    Action.RECEIVE_TRANSFER: (right(*ALL, tie=is_receiver),),
    Action.END_TRANSFER: (right(*ALL, tie=is_receiver),),
    Action.CLOSE: (_CONVENER, _NO_OFFICE),
    Action.FEED_BACK: (_CONVENER, right(Role.COMMAND, tie=is_over_holder)),
    Action.REOPEN: (_CONVENER, right(Role.COMMAND, Role.SUPERVISOR, tie=is_over_holder)),
    Action.MERGE: (_CONVENER, right(Role.COMMAND, tie=is_over_holder)),
    Action.SEE_CALLER: (_CONVENER, right(Role.COMMAND, tie=is_over_holder)),
    Action.ERASE: (right(Role.ADMINISTRATOR, Role.SUPERVISOR, tie=is_over_holder),),
    Action.ADD_EVIDENCE: (right(*ALL, tie=is_over_place), right(*ALL, tie=is_called)),
}

# A whistle is blown by those whom its kind names.
INITIATORS: Mapping[Initiator, tuple[Right, ...]] = {
    Initiator.STREET: (_CONVENER, _NO_OFFICE),
    Initiator.DEPARTMENT: (right(Role.DEPARTMENT, tie=is_over_place),),
    Initiator.COMMUNITY: (right(Role.COMMUNITY, tie=is_over_place),),
    Initiator.GRID_CHIEF: (right(Role.GRID_CHIEF, tie=is_over_place),),
    Initiator.COMMAND: (right(Role.COMMAND, tie=is_over_holder),),
    Initiator.HALL: (right(Role.HALL, tie=is_over_place),),
}


def permit(action: Action, actor: Actor, matter: Matter) -> Signature:
    """Return the signature under which an actor may do an action.

    Raises
    ------
    NotYoursError
        None of the actor's grants allows it.
    """
    return _signed(actor, matter, RIGHTS[action], action)


def permit_whistle(actor: Actor, matter: Matter, kind: WhistleKind) -> Signature:
    """Do the same for blowing a whistle of a kind: who may is part of the kind."""
    rights = tuple(right for one in kind.initiators for right in INITIATORS[one])
    return _signed(actor, matter, rights, Action.BLOW)


def may(action: Action, actor: Actor, matter: Matter) -> bool:
    """Whether an actor may do an action, ready for it or not."""
    return actor == SYSTEM or any(_holds(one, actor, matter) for one in RIGHTS[action])


def may_whistle(actor: Actor, matter: Matter, kind: WhistleKind) -> bool:
    """Whether an actor may blow a whistle of a kind."""
    rights = (right for one in kind.initiators for right in INITIATORS[one])
    return actor == SYSTEM or any(_holds(one, actor, matter) for one in rights)


def _signed(actor: Actor, matter: Matter, rights: tuple[Right, ...], action: Action) -> Signature:
    if actor == SYSTEM:
        return Signature(actor.account)
    for one in rights:
        if grant := _holds(one, actor, matter):
            return Signature(actor.account, grant.role, grant.unit)
    raise NotYoursError(case=matter.case.number, action=action.value)


def _holds(one: Right, actor: Actor, matter: Matter) -> Grant | None:
    return next(
        (grant for grant in actor.grants if grant.role in one.roles and one.tie(grant, matter)),
        None,
    )
