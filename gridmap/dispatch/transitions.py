"""At which steps of a case each action is possible; what more it needs, its function says."""

from collections.abc import Mapping

from gridmap.dispatch.case import Case
from gridmap.dispatch.refusals import CaseClosedError, WrongStepError
from gridmap.dispatch.rights import Action
from gridmap.dispatch.step import Step

_CALLED = frozenset({Step.PLATFORM, Step.REPORTING_IN, Step.EVALUATION})
_OPEN = frozenset({Step.ANALYSIS, *_CALLED})
_ENDED = frozenset({Step.FEEDBACK})

TRANSITIONS: Mapping[Action, frozenset[Step]] = {
    Action.BLOW: frozenset({Step.ANALYSIS, Step.REPORTING_IN, Step.EVALUATION}),
    Action.DISPATCH: frozenset({Step.PLATFORM}),
    Action.SEND_BACK: frozenset({Step.PLATFORM}),
    Action.LIFT_SECRECY: frozenset(Step),
    Action.SUMMON: _CALLED,
    Action.STAND_DOWN: _CALLED,
    Action.RESPOND: _CALLED,
    Action.ARRIVE: _CALLED,
    Action.COUNTERSIGN: _CALLED,
    Action.RELEASE: _CALLED,
    Action.LEAVE: _CALLED,
    Action.FINISH: _CALLED,
    Action.EVALUATE: _CALLED,
    Action.VETO: _CALLED,
    Action.LIFT_VETO: _CALLED,
    Action.EXPLAIN: frozenset(Step),
    Action.EXEMPT: frozenset(Step),
    Action.OBJECT: _OPEN,
    Action.ANSWER: _OPEN,
    Action.WITHDRAW: _OPEN,
    Action.SETTLE: _OPEN,
    Action.REFER_UP: _OPEN,
    Action.RULE: _OPEN,
    Action.ASK_HOLD: _OPEN,
    Action.GRANT_HOLD: _OPEN,
    Action.RESUME: _OPEN,
    Action.TRANSFER: _OPEN,
    Action.RECEIVE_TRANSFER: frozenset(Step),
    Action.END_TRANSFER: frozenset(Step),
    Action.CLOSE: frozenset({Step.ANALYSIS, Step.EVALUATION}),
    Action.FEED_BACK: _ENDED,
    Action.REOPEN: _ENDED,
    Action.MERGE: _OPEN,
    Action.ADD_EVIDENCE: frozenset(Step),
    Action.SEE_CALLER: frozenset(Step),
    Action.ERASE: frozenset(Step),
}


def check(case: Case, action: Action) -> None:
    """Return if a case is at a step that allows an action.

    Raises
    ------
    CaseClosedError
        It is closed, and the action is for open ones.
    WrongStepError
        It is open and at another step.
    """
    steps = TRANSITIONS[action]
    if case.step in steps:
        return
    if case.closed_at:
        raise CaseClosedError(case=case.number)
    needed = [step.value for step in Step if step in steps]
    raise WrongStepError(case=case.number, action=action.value, step=case.step.value, needed=needed)
