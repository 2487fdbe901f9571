"""The parts of a case on the wire: whistles, those called, disputes, pauses, transfers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from api.schemas.places import GeometryOut
from api.schemas.resolutions import UnitOut
from api.schemas.values import Wire
from gridmap import geojson
from gridmap.dispatch.actor import Actor
from gridmap.dispatch.arrival import ArrivalVerdict, PositionSource
from gridmap.dispatch.case import Case, Feedback
from gridmap.dispatch.catalogue import Catalogue, Outcome, WhistleKind
from gridmap.dispatch.dispute import Hold, Objection, ObjectionState, Transfer
from gridmap.dispatch.evidence import Evidence, EvidenceKind
from gridmap.dispatch.failing import Failed, Failing
from gridmap.dispatch.plan import Capacity
from gridmap.dispatch.possible import (
    about_objection,
    about_summons,
    about_transfer,
    about_whistle,
)
from gridmap.dispatch.rights import Action
from gridmap.dispatch.summons import Stage, Summons, SummonsState
from gridmap.dispatch.turnout import Turnout
from gridmap.dispatch.whistle import Whistle, WhistleState


@dataclass(frozen=True)
class View:
    """What a case is shown with: to whom, when, and what its codes are called."""

    actor: Actor
    catalogue: Catalogue
    names: Mapping[str, str]  # of accounts
    geofence_m: float
    now: datetime
    turnout: Turnout | None
    staff_names: Mapping[str, str]  # of people by their ids in the roster


class OutcomeOut(Wire):
    """What a unit may state at its finish; one that the catalogue has dropped goes by its code."""

    code: str
    name: str
    name_en: str

    @classmethod
    def of(cls, code: str, kind: WhistleKind | None) -> "OutcomeOut":
        known = {one.code: one for one in kind.outcomes} if kind else {}
        found = known.get(code, Outcome(code, code, code))
        return cls(code=found.code, name=found.name, name_en=found.name_en)


class WhistleOut(Wire):
    id: str
    code: str
    name: str
    name_en: str
    state: WhistleState
    blown_at: datetime
    convener: str | None = Field(description="the unit that those called answer to")
    outcomes: tuple[OutcomeOut, ...]
    confidential: bool
    may: tuple[Action, ...]

    @classmethod
    def of(cls, whistle: Whistle, case: Case, view: View) -> "WhistleOut":
        kind = view.catalogue.whistle_kinds.get(whistle.kind)
        return cls(
            id=whistle.id,
            code=whistle.kind,
            name=kind.name if kind else whistle.kind,
            name_en=kind.name_en if kind else whistle.kind,
            state=whistle.state,
            blown_at=whistle.blown_at,
            convener=whistle.convener,
            outcomes=tuple(OutcomeOut.of(code, kind) for code in whistle.outcomes),
            confidential=whistle.is_confidential,
            may=tuple(about_whistle(view.actor, case, whistle)),
        )


class ArrivalOut(Wire):
    at: datetime
    verdict: ArrivalVerdict
    distance_m: float
    accuracy_m: float | None
    how: PositionSource


class EvaluationOut(Wire):
    at: datetime
    score: int
    text: str


class SummonsOut(Wire):
    id: str
    whistle: str
    unit: UnitOut
    role: Capacity
    areas: tuple[str, ...]
    state: SummonsState
    called_at: datetime
    respond_by: datetime | None
    arrive_by: datetime | None
    finish_by: datetime | None
    responded_at: datetime | None
    arrived_at: datetime | None
    countersigned: bool
    finished_at: datetime | None
    released_at: datetime | None
    left_at: datetime | None
    left_early: bool
    stood_down_at: datetime | None
    outcome: str | None
    result: str | None
    arrivals: tuple[ArrivalOut, ...]
    evaluation: EvaluationOut | None
    may: tuple[Action, ...]

    @classmethod
    def of(cls, summons: Summons, whistle: Whistle, case: Case, view: View) -> "SummonsOut":
        own = {key: value for key, value in vars(summons).items() if key != "due"}
        judged = summons.evaluation
        kept = own | {
            "whistle": whistle.id,
            "unit": UnitOut.of(summons.unit, view.catalogue),
            "state": summons.state,
            "respond_by": summons.due.get(Stage.RESPOND),
            "arrive_by": summons.due.get(Stage.ARRIVE),
            "finish_by": summons.due.get(Stage.FINISH),
            "left_early": summons.left_early,
            "arrivals": tuple(ArrivalOut(**vars(record)) for record in summons.arrivals),
            "evaluation": EvaluationOut(**vars(judged)) if judged else None,
            "may": tuple(about_summons(view.actor, case, whistle, summons)),
        }
        return cls(**kept)


class AnswerOut(Wire):
    by: str
    at: datetime
    agrees: bool
    evidence: tuple[UUID, ...]


class ObjectionOut(Wire):
    """A dispute (派单异议). ``proposes``: who should lead; ``summons``: the call in dispute."""

    id: str
    by: str
    at: datetime
    state: ObjectionState
    superior: str
    proposes: str | None
    summons: str | None
    evidence: tuple[UUID, ...]
    settle_by: datetime | None
    answers: tuple[AnswerOut, ...]
    referred_at: datetime | None
    ended_at: datetime | None
    may: tuple[Action, ...]

    @classmethod
    def of(cls, objection: Objection, case: Case, view: View) -> "ObjectionOut":
        own = {key: value for key, value in vars(objection).items() if key != "ended_as"}
        kept = own | {
            "state": objection.state,
            "evidence": tuple(UUID(one) for one in objection.evidence),
            "answers": tuple(
                AnswerOut(
                    by=one.by,
                    at=one.at,
                    agrees=one.agrees,
                    evidence=tuple(UUID(piece) for piece in one.evidence),
                )
                for one in objection.answers
            ),
            "may": tuple(about_objection(view.actor, case, objection)),
        }
        return cls(**kept)


class HoldOut(Wire):
    id: str
    asked_at: datetime
    review_on: date
    granted_at: datetime | None
    refused_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, hold: Hold) -> "HoldOut":
        return cls(**{name: getattr(hold, name) for name in cls.model_fields})


class TransferOut(Wire):
    """A referral to another authority (移送)."""

    id: str
    to_unit: str
    at: datetime
    evidence: tuple[UUID, ...]
    received_at: datetime | None
    receipt: str | None
    ended_at: datetime | None
    outcome: str | None
    may: tuple[Action, ...]

    @classmethod
    def of(cls, transfer: Transfer, case: Case, view: View) -> "TransferOut":
        kept = vars(transfer) | {
            "evidence": tuple(UUID(one) for one in transfer.evidence),
            "may": tuple(about_transfer(view.actor, case, transfer)),
        }
        return cls(**kept)


class FeedbackOut(Wire):
    incident: UUID
    at: datetime
    satisfaction: int | None

    @classmethod
    def of(cls, feedback: Feedback) -> "FeedbackOut":
        return cls(
            incident=UUID(feedback.incident), at=feedback.at, satisfaction=feedback.satisfaction
        )


class FailingOut(Wire):
    """One of the three failings (督查问责), with what was said of it."""

    failing: Failing
    unit: str
    since: datetime
    summons: str | None
    explained_at: datetime | None
    exempted_at: datetime | None

    @classmethod
    def of(cls, failed: Failed) -> "FailingOut":
        return cls(**vars(failed))


class EvidenceOut(Wire):
    id: UUID
    kind: EvidenceKind
    title: str
    text: str
    media_type: str | None
    sha256: str | None
    size: int | None
    geometry: GeometryOut | None
    surveyed_on: date | None
    surveyed_by: str | None
    account: str
    unit: str | None
    at: datetime
    erased_at: datetime | None

    @classmethod
    def of(cls, piece: Evidence) -> "EvidenceOut":
        shape = geojson.dump(piece.geometry) if piece.geometry is not None else None
        return cls(**(vars(piece) | {"geometry": shape}))


class EvidenceList(Wire):
    evidence: tuple[EvidenceOut, ...]
