"""Who may do what with ledgers, tasks, obligations, operations and scores: one table.

It is to these what `rights` is to cases: a role and a tie, asked once by the services.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gridmap.dispatch.actor import SYSTEM, Actor, Grant, Role
from gridmap.dispatch.event import Signature
from gridmap.dispatch.rights import covers
from gridmap.dispatch.subject_refusals import SubjectRightError


class Deed(StrEnum):
    """Everything that somebody can do with a subject of the journal."""

    OPEN_LEDGER = "open_ledger"
    ADD_TARGETS = "add_targets"
    LINK_CASE = "link_case"
    STRIKE_OFF = "strike_off"
    PUT_BACK = "put_back"
    ASSIGN = "assign"
    ACCEPT_TASK = "accept_task"
    REPORT_PROOF = "report_proof"
    ACCEPT_PROOF = "accept_proof"
    RETURN_PROOF = "return_proof"
    WITHDRAW_TASK = "withdraw_task"
    EXPECT = "expect"
    EXPLAIN = "explain"
    EXEMPT = "exempt"
    BEGIN_OPERATION = "begin_operation"
    LEAD_OPERATION = "lead_operation"  # teams, members, its end
    JOIN_OPERATION = "join_operation"  # bring a case, a ledger or a task
    SCORE = "score"
    CLOSE_SCORES = "close_scores"


@dataclass(frozen=True)
class Affair:
    """What a deed is about: the unit whose it is with its area, and the unit that carries it out.

    ``place`` is the area of the target or scored street; ``within``: who acts is a member of the
    operation in question.
    """

    what: str
    id: str
    owner: str = ""
    owner_area: str = ""
    unit: str | None = None
    place: str | None = None
    within: bool = False


Tie = Callable[[Grant, Affair], bool]


def is_owner(grant: Grant, affair: Affair) -> bool:
    """For the unit whose it is."""
    return grant.unit == affair.owner


def is_over_owner(grant: Grant, affair: Affair) -> bool:
    return covers(grant.area_code, affair.owner_area)


def is_carrier(grant: Grant, affair: Affair) -> bool:
    """For the unit that carries it out."""
    return affair.unit is not None and grant.unit == affair.unit


def is_at_place(grant: Grant, affair: Affair) -> bool:
    """Over the area that the target or case lies in."""
    return affair.place is not None and covers(grant.area_code, affair.place)


def is_member(_grant: Grant, affair: Affair) -> bool:
    """A member of the operation, whatever the role."""
    return affair.within


@dataclass(frozen=True)
class Mandate:
    """Who holds one of ``roles`` and is tied so may."""

    roles: frozenset[Role]
    tie: Tie


def mandate(*roles: Role, tie: Tie) -> Mandate:
    return Mandate(frozenset(roles), tie)


ALL = tuple(Role)
_OFFICES = (Role.CONVENER, Role.DEPARTMENT, Role.COMMUNITY)
_OWNER = mandate(*_OFFICES, Role.COMMAND, tie=is_owner)
_COMMAND = mandate(Role.COMMAND, tie=is_over_owner)
_ABOVE = mandate(Role.SUPERVISOR, Role.COMMAND, tie=is_over_owner)
_CARRIER = mandate(*ALL, tie=is_carrier)
_AT_PLACE = mandate(*ALL, tie=is_at_place)

MANDATES: Mapping[Deed, tuple[Mandate, ...]] = {
    Deed.OPEN_LEDGER: (_OWNER, _COMMAND),
    Deed.ADD_TARGETS: (_OWNER, _COMMAND),
    Deed.LINK_CASE: (_OWNER, _COMMAND, _AT_PLACE),
    Deed.STRIKE_OFF: (_OWNER, _COMMAND),
    Deed.PUT_BACK: (_OWNER, _ABOVE),
    Deed.ASSIGN: (mandate(Role.DEPARTMENT, Role.CONVENER, tie=is_owner),),
    Deed.ACCEPT_TASK: (_CARRIER,),
    Deed.REPORT_PROOF: (_CARRIER,),
    Deed.ACCEPT_PROOF: (_OWNER,),
    Deed.RETURN_PROOF: (_OWNER,),
    Deed.WITHDRAW_TASK: (_OWNER,),
    Deed.EXPECT: (_ABOVE, mandate(*ALL, tie=is_member)),
    Deed.EXPLAIN: (_CARRIER,),
    Deed.EXEMPT: (mandate(Role.SUPERVISOR, tie=is_over_owner),),
    Deed.BEGIN_OPERATION: (_OWNER, _COMMAND),
    Deed.LEAD_OPERATION: (_OWNER, _COMMAND),
    Deed.JOIN_OPERATION: (_OWNER, _COMMAND, mandate(*ALL, tie=is_member)),
    Deed.SCORE: (mandate(Role.CONVENER, tie=is_owner),),
    Deed.CLOSE_SCORES: (mandate(Role.SUPERVISOR, tie=is_over_owner),),
}


def permit(deed: Deed, actor: Actor, affair: Affair) -> Signature:
    """Return the signature under which an actor may do a deed.

    Raises
    ------
    SubjectRightError
        None of the actor's grants allows it.
    """
    if actor == SYSTEM:
        return Signature(actor.account)
    for one in MANDATES[deed]:
        for grant in actor.grants:
            if grant.role in one.roles and one.tie(grant, affair):
                return Signature(actor.account, grant.role, grant.unit)
    raise SubjectRightError(what=affair.what, id=affair.id, action=deed.value)


def may(deed: Deed, actor: Actor, affair: Affair) -> bool:
    """Whether an actor may do a deed, ready for it or not."""
    try:
        permit(deed, actor, affair)
    except SubjectRightError:
        return False
    return True
