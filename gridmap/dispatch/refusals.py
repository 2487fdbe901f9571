"""What a case does not allow, and what cannot be said about one."""

from dataclasses import dataclass
from typing import ClassVar

from gridmap.errors import GridmapError


@dataclass(eq=False)
class WorkflowError(GridmapError):
    """The case does not allow this step now."""

    case: str


@dataclass(eq=False)
class CaseClosedError(WorkflowError):
    message: ClassVar[str] = "case {case} is closed; report again if the problem is back"


@dataclass(eq=False)
class NotWhistledError(WorkflowError):
    message: ClassVar[str] = (
        "case {case} needs powers its holder lacks and nobody has been summoned yet; "
        "blow the whistle first"
    )


@dataclass(eq=False)
class WhistleRunsError(WorkflowError):
    kind: str
    message: ClassVar[str] = (
        "a {kind} of case {case} has been blown and is not done; summon one more unit to it, "
        "or wait until it is done"
    )


@dataclass(eq=False)
class OpenSummonsError(WorkflowError):
    units: list[str]
    message: ClassVar[str] = (
        "case {case} cannot close (事不完、人不撤); these summoned units have not finished: {units}"
    )


@dataclass(eq=False)
class UnknownSummonsError(WorkflowError, LookupError):
    summons: str
    message: ClassVar[str] = "case {case} has no summons {summons!r}"


@dataclass(eq=False)
class WrongStageError(WorkflowError):
    unit: str
    stage: str
    needed: str
    message: ClassVar[str] = "{unit} is at {stage!r} in case {case}; this needs {needed}"


@dataclass(eq=False)
class NobodyToSummonError(WorkflowError):
    message: ClassVar[str] = (
        "the plan of case {case} found no unit to summon; add the missing units to the directory"
    )


@dataclass(eq=False)
class NotYoursError(GridmapError, PermissionError):
    """An account may not do this; what it may do depends on its roles and on the case."""

    case: str
    action: str
    message: ClassVar[str] = (
        "none of your roles allows {action!r} in case {case}; "
        "ask whoever convenes it, or an administrator for the role"
    )


@dataclass(eq=False)
class WrongStepError(WorkflowError):
    action: str
    step: str
    needed: list[str]
    message: ClassVar[str] = "case {case} stands at {step!r}; {action!r} is possible at {needed}"


@dataclass(eq=False)
class UnknownPartError(WorkflowError, LookupError):
    what: str
    id: str
    message: ClassVar[str] = "case {case} has no {what} {id!r}"


@dataclass(eq=False)
class WhistleStateError(WorkflowError):
    whistle: str
    state: str
    needed: str
    message: ClassVar[str] = (
        "whistle {whistle} of case {case} is {state!r}; this needs one that is {needed!r}"
    )


@dataclass(eq=False)
class AlreadyCalledError(WorkflowError):
    unit: str
    message: ClassVar[str] = "{unit} has been called to this whistle of case {case} and is at work"


@dataclass(eq=False)
class NotConfidentialError(WorkflowError):
    whistle: str
    message: ClassVar[str] = "whistle {whistle} of case {case} is not confidential"


@dataclass(eq=False)
class OutcomeError(WorkflowError):
    given: str | None
    known: list[str]
    message: ClassVar[str] = (
        "outcome {given!r} does not belong to this whistle of case {case}; it asks for: {known}"
    )


@dataclass(eq=False)
class ScoreError(GridmapError, ValueError):
    given: int
    message: ClassVar[str] = "{given} is no score; give 1 (bad) to 5 (good)"


@dataclass(eq=False)
class UnevaluatedError(WorkflowError):
    units: list[str]
    message: ClassVar[str] = (
        "case {case} cannot close; its convener has not evaluated these units yet: {units}"
    )


@dataclass(eq=False)
class VetoedError(WorkflowError):
    message: ClassVar[str] = (
        "the convener has vetoed the closing of case {case}; lift the veto first"
    )


@dataclass(eq=False)
class VetoStateError(WorkflowError):
    state: str
    message: ClassVar[str] = "case {case} is {state}"


@dataclass(eq=False)
class HeldError(WorkflowError):
    review_on: str
    message: ClassVar[str] = (
        "case {case} is on hold (暂缓) until its review on {review_on}; resume it first"
    )


@dataclass(eq=False)
class HoldStateError(WorkflowError):
    why: str
    message: ClassVar[str] = "the hold (暂缓) of case {case}: {why}"


@dataclass(eq=False)
class OwnHoldError(WorkflowError):
    message: ClassVar[str] = "who asked for the hold of case {case} cannot grant it; another must"


@dataclass(eq=False)
class ReviewDateError(GridmapError, ValueError):
    given: str
    today: str
    message: ClassVar[str] = "the review date {given} is not after today, {today}"


@dataclass(eq=False)
class OpenObjectionError(WorkflowError):
    objection: str
    message: ClassVar[str] = (
        "objection {objection} of case {case} is open; settle it, withdraw it or have it ruled"
    )


@dataclass(eq=False)
class ObjectionStateError(WorkflowError):
    objection: str
    state: str
    needed: str
    message: ClassVar[str] = (
        "objection {objection} of case {case} is {state!r}; this needs {needed}"
    )


@dataclass(eq=False)
class LeadNotSideError(WorkflowError):
    given: str
    sides: list[str]
    message: ClassVar[str] = (
        "{given!r} cannot be proposed as the lead of case {case}: it must be one of the concerned "
        "jurisdictions {sides} and not the present lead"
    )


@dataclass(eq=False)
class NoSuperiorError(WorkflowError):
    message: ClassVar[str] = "no area lies above the jurisdictions of case {case}; nobody can rule"


@dataclass(eq=False)
class MissingEvidenceError(WorkflowError):
    what: str
    message: ClassVar[str] = "the {what} in case {case} needs evidence: a text, a file or a survey"


@dataclass(eq=False)
class TransferStateError(WorkflowError):
    transfer: str
    why: str
    message: ClassVar[str] = "transfer {transfer} of case {case}: {why}"


@dataclass(eq=False)
class UnexplainedError(WorkflowError):
    unit: str
    failing: str
    message: ClassVar[str] = (
        "unit {unit} has not explained {failing!r} in case {case}; it explains first, "
        "a supervisor exempts afterwards"
    )


@dataclass(eq=False)
class MergeError(WorkflowError):
    why: str
    message: ClassVar[str] = "case {case} cannot be merged or reopened: {why}"


@dataclass(eq=False)
class SatisfactionError(GridmapError, ValueError):
    given: int
    message: ClassVar[str] = "{given} is no satisfaction; give 1 to 5, or nothing if unreached"
