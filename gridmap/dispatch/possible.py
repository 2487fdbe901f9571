"""What somebody can do about a case now: their rights, the case's step and the part's own state."""

from collections.abc import Iterator, Mapping

from gridmap.dispatch.actor import Actor
from gridmap.dispatch.case import Case
from gridmap.dispatch.catalogue import WhistleKind
from gridmap.dispatch.dispute import Objection, Transfer
from gridmap.dispatch.plan import Plan
from gridmap.dispatch.rights import Action, Matter, may, may_whistle
from gridmap.dispatch.summons import Summons, SummonsState
from gridmap.dispatch.transitions import TRANSITIONS
from gridmap.dispatch.whistle import Whistle, WhistleState

_AWAY = frozenset({SummonsState.CALLED, SummonsState.RESPONDED})
_THERE = frozenset({SummonsState.ARRIVED, SummonsState.FINISHED})

_SUMMONS: Mapping[Action, frozenset[SummonsState]] = {
    Action.RESPOND: frozenset({SummonsState.CALLED}),
    Action.ARRIVE: _AWAY,
    Action.COUNTERSIGN: _AWAY,
    Action.FINISH: frozenset({SummonsState.ARRIVED}),
    Action.RELEASE: _THERE,
    Action.LEAVE: _THERE,
    Action.EVALUATE: frozenset({SummonsState.FINISHED}),
    Action.STAND_DOWN: _AWAY | {SummonsState.ARRIVED},
    Action.OBJECT: _AWAY | {SummonsState.ARRIVED},
}

_WHISTLES: Mapping[Action, frozenset[WhistleState]] = {
    Action.DISPATCH: frozenset({WhistleState.PENDING}),
    Action.SEND_BACK: frozenset({WhistleState.PENDING}),
    Action.SUMMON: frozenset({WhistleState.RUNNING, WhistleState.DONE}),
}

_OBJECTIONS = (Action.ANSWER, Action.WITHDRAW, Action.SETTLE, Action.REFER_UP, Action.RULE)


def about_case(actor: Actor, case: Case, plan: Plan, kind: WhistleKind | None) -> Iterator[Action]:
    """Yield what an actor can do about the case as a whole; ``kind`` is the whistle of its item."""
    matter = Matter(case)
    first = plan.calls and _at(case, Action.BLOW) and case.live is None
    if first and may_whistle(actor, matter, kind or plan.whistle):
        yield Action.BLOW
    for action, ready in _ready(case).items():
        if ready and _at(case, action) and may(action, actor, matter):
            yield action


def _ready(case: Case) -> dict[Action, bool]:
    done = not (case.open_summons or case.unevaluated or case.open_objections)
    whistled = not case.needs_whistle or case.live is not None
    held, asked = case.hold is not None, any(hold.is_asked for hold in case.holds)
    free = not (held or case.vetoed_at)
    disputed = any(one.summons is None for one in case.open_objections)
    others = len(case.sides) > 1
    return {
        Action.CLOSE: done and whistled and free,
        Action.VETO: case.vetoed_at is None,
        Action.LIFT_VETO: case.vetoed_at is not None,
        Action.OBJECT: others and not disputed,
        Action.ASK_HOLD: not (held or asked),
        Action.GRANT_HOLD: asked,
        Action.RESUME: held,
        Action.TRANSFER: True,
        Action.FEED_BACK: True,
        Action.REOPEN: case.merged_into is None,
        Action.MERGE: not (case.open_summons or case.named),
        Action.ADD_EVIDENCE: True,
    }


def about_whistle(actor: Actor, case: Case, whistle: Whistle) -> Iterator[Action]:
    """Yield what an actor can do about one whistle."""
    matter = Matter(case, whistle=whistle)
    for action, states in _WHISTLES.items():
        if whistle.state in states and _at(case, action) and may(action, actor, matter):
            yield action
    if whistle.is_confidential and may(Action.LIFT_SECRECY, actor, matter):
        yield Action.LIFT_SECRECY


def about_summons(actor: Actor, case: Case, whistle: Whistle, summons: Summons) -> Iterator[Action]:
    """Yield what an actor can do about one unit that was called."""
    if whistle.state in {WhistleState.PENDING, WhistleState.SENT_BACK}:
        return
    matter = Matter(case, whistle=whistle, summons=summons)
    for action, states in _SUMMONS.items():
        ready = summons.state in states and _still(action, summons) and _at(case, action)
        if ready and may(action, actor, matter):
            yield action


def _still(action: Action, summons: Summons) -> bool:
    """Whether what can be done once was not done yet."""
    return not (
        (action is Action.RELEASE and summons.released_at)
        or (action is Action.LEAVE and summons.left_at)
        or (action is Action.FINISH and summons.left_early)
    )


def about_objection(actor: Actor, case: Case, objection: Objection) -> Iterator[Action]:
    """Yield what an actor can do about one dispute."""
    if not objection.is_open:
        return
    ready = {
        Action.SETTLE: any(one.agrees for one in objection.answers),
        Action.REFER_UP: objection.referred_at is None,
        Action.RULE: objection.referred_at is not None,
    }
    summons = next((one for one in case.summons if one.id == objection.summons), None)
    whistle = next((one for one in case.whistles if summons in one.summons), None)
    matter = Matter(case, whistle=whistle, summons=summons, objection=objection)
    for action in _OBJECTIONS:
        if ready.get(action, True) and _at(case, action) and may(action, actor, matter):
            yield action


def about_transfer(actor: Actor, case: Case, transfer: Transfer) -> Iterator[Action]:
    """Yield what an actor can do about one transfer."""
    if transfer.ended_at:
        return
    action = Action.END_TRANSFER if transfer.received_at else Action.RECEIVE_TRANSFER
    if may(action, actor, Matter(case, transfer=transfer)):
        yield action


def _at(case: Case, action: Action) -> bool:
    return case.step in TRANSITIONS[action]
