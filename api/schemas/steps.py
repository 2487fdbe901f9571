"""What comes in with each step on a case."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.places import PlaceIn
from api.schemas.values import Code, Name, Text, Wire
from gridmap.dispatch.arrival import PositionSource

Units = Annotated[tuple[Name, ...], Field(min_length=1, max_length=200)]
Pieces = Annotated[tuple[UUID, ...], Field(max_length=50)]
Key = Annotated[Name, Field(pattern=r"^(account|unit):.+$")]


class ActionIn(Wire):
    """A step that needs no more: who takes it is who is signed in."""


class ReasonIn(ActionIn):
    reason: Text = ""


class WhistleIn(ActionIn):
    """A whistle: as proposed, unless it says otherwise."""

    kind: Name | None = Field(default=None, description="of the catalogue; the category's own")
    units: Units | None = Field(default=None, description="all that are to be called, by id")
    named: Annotated[tuple[Key, ...], Field(max_length=200)] = Field(
        default=(), description="makes it confidential: who alone sees it besides those called"
    )


class DispatchIn(ActionIn):
    units: Units | None = Field(default=None, description="who is sent; as called when absent")


class SummonIn(ReasonIn):
    unit: Name


class ArrivalIn(ActionIn):
    place: PlaceIn = Field(description="the unit's own position, a point; of GPS with accuracy_m")
    how: PositionSource = PositionSource.GPS


class ResultIn(ActionIn):
    result: Text = ""


class FinishIn(ResultIn):
    outcome: Name | None = Field(default=None, description="one that the whistle asks for")


class EvaluationIn(ReasonIn):
    score: Annotated[int, Field(strict=True, description="1 (bad) to 5 (good)")]


class ObjectionIn(ReasonIn):
    """A dispute over who leads; over one's own summons it is an address of that summons."""

    proposes: Code
    evidence: Pieces = ()


class SummonsObjectionIn(ReasonIn):
    evidence: Pieces = ()


class AnswerIn(ReasonIn):
    agrees: Annotated[bool, Field(strict=True)]
    evidence: Pieces = ()


class RulingIn(ReasonIn):
    upheld: Annotated[bool, Field(strict=True)]
    document: Name = Field(description="the document of the ruling (指定管辖决定书)")
    lead: Code | None = Field(default=None, description="whom it names, if not the one proposed")


class HoldIn(ReasonIn):
    review_on: date


class GrantIn(ReasonIn):
    granted: Annotated[bool, Field(strict=True)]


class TransferIn(ReasonIn):
    to_unit: Name
    evidence: Pieces


class ReceiptIn(ActionIn):
    receipt: Name


class OutcomeIn(ActionIn):
    outcome: Text


class FeedbackIn(ActionIn):
    incident: UUID
    satisfaction: Annotated[int, Field(strict=True)] | None = Field(
        default=None, description="1 to 5; null when nobody could be reached"
    )
    text: Text = ""


class MergeIn(ActionIn):
    into: UUID


class FailingIn(ReasonIn):
    unit: Name


class EvidenceIn(Wire):
    """A text, or a survey of the line: its geometry, who surveyed, and when."""

    kind: Literal["text", "survey"]
    title: Name
    text: Text = ""
    place: PlaceIn | None = Field(default=None, description="of a survey")
    surveyed_on: date | None = None
    surveyed_by: Name | None = None
