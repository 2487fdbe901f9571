"""Operations on the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.places import PlaceIn, PlaceOut
from api.schemas.steps import Key
from api.schemas.values import Name, Text, Wire
from gridmap.dispatch.mandates import Deed
from gridmap.dispatch.operation import Operation, OperationHead, Team
from gridmap.place import Place

Members = Annotated[
    tuple[Key, ...], Field(max_length=1_000, description="account:<id> or unit:<id>")
]


class OperationIn(Wire):
    """An operation: its headquarters, its period, its members; confidential where said."""

    title: Name
    headquarters: Name = Field(description="a unit, by id")
    from_on: date
    until_on: date
    members: Members = ()
    confidential: bool = Field(default=False, description="seen by its members only")
    place: PlaceIn | None = Field(default=None, description="where the headquarters stands")

    def head(self, place: Place | None) -> OperationHead:
        return OperationHead(
            title=self.title,
            headquarters=self.headquarters,
            area_code="",  # the directory's to say
            from_on=self.from_on,
            until_on=self.until_on,
            members=frozenset(self.members),
            confidential=self.confidential,
            place=place,
        )


class TeamIn(Wire):
    name: Name
    unit: Name
    members: Members = ()

    def team(self) -> Team:
        return Team(self.name, self.unit, frozenset(self.members))


class MembersIn(Wire):
    members: Members


class EndIn(Wire):
    result: Text = ""


class TeamOut(Wire):
    name: str
    unit: str
    members: tuple[str, ...]


class OperationLineOut(Wire):
    """One line of a list of operations."""

    id: UUID
    title: str
    headquarters: str
    from_on: date
    until_on: date
    confidential: bool
    ended_at: datetime | None
    cases: int


class OperationListOut(Wire):
    operations: tuple[OperationLineOut, ...]


class CaseName(Wire):
    id: UUID
    number: str


class OperationOut(Wire):
    """An operation as it stands; ``cases`` are those that whoever asks sees."""

    id: UUID
    title: str
    headquarters: str
    area: str
    from_on: date
    until_on: date
    confidential: bool
    place: PlaceOut | None
    members: tuple[str, ...] = Field(description="everybody's keys, the teams' too")
    teams: tuple[TeamOut, ...]
    cases: tuple[CaseName, ...]
    begun_at: datetime
    ended_at: datetime | None
    result: str
    version: int
    may: tuple[Deed, ...]

    @classmethod
    def of(cls, one: Operation, cases: dict[str, UUID], may: tuple[Deed, ...]) -> "OperationOut":
        return cls(
            id=UUID(one.id),
            title=one.title,
            headquarters=one.headquarters,
            area=one.area_code,
            from_on=one.from_on,
            until_on=one.until_on,
            confidential=one.confidential,
            place=PlaceOut.of(one.place) if one.place else None,
            members=tuple(sorted(one.members)),
            teams=tuple(
                TeamOut(name=team.name, unit=team.unit, members=tuple(sorted(team.members)))
                for team in one.teams
            ),
            cases=tuple(CaseName(id=id_, number=number) for number, id_ in cases.items()),
            begun_at=one.begun_at,
            ended_at=one.ended_at,
            result=one.result,
            version=one.version,
            may=may,
        )
