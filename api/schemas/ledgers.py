"""Ledgers and their targets on the wire."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from api.schemas.places import PlaceIn, PlaceOut
from api.schemas.values import Code, Name, Text, Wire
from gridmap.dispatch.ledger import Ledger, LedgerHead, Strike, Target
from gridmap.dispatch.mandates import Deed


class LedgerIn(Wire):
    """A ledger of one category or one class of the catalogue, over a period."""

    title: Name
    owner: Name = Field(description="the unit that keeps it, by id")
    category: Name | None = None
    class_code: Name | None = None
    from_on: date
    until_on: date
    operation: UUID | None = Field(default=None, description="the operation that it belongs to")

    def head(self) -> LedgerHead:
        return LedgerHead(
            title=self.title,
            owner=self.owner,
            owner_area="",  # the directory's to say
            category=self.category,
            class_code=self.class_code,
            from_on=self.from_on,
            until_on=self.until_on,
            operation=str(self.operation) if self.operation else None,
        )


class TargetIn(Wire):
    code: Name
    name: Name
    area: Code
    place: PlaceIn | None = None

    def target(self) -> Target:
        spot = self.place.place() if self.place else None
        return Target(self.code, self.name, self.area, spot)


class TargetsIn(Wire):
    targets: tuple[TargetIn, ...] = Field(min_length=1, max_length=5_000)


class CaseNumberIn(Wire):
    number: Name = Field(description="of a case that you see")


class StrikeIn(Wire):
    reason: Text
    evidence: Text = Field(description="what shows that it is done: a document, a photo's address")


class PutBackIn(Wire):
    reason: Text


class StrikeOut(Wire):
    at: datetime
    case: str | None = Field(description="the number of the case that closed, if you see it")
    reason: str
    evidence: str

    @classmethod
    def of(cls, one: Strike, seen: Collection[str]) -> "StrikeOut":
        case = one.case if one.case in seen else None
        return cls(at=one.at, case=case, reason=one.reason, evidence=one.evidence)


class TargetOut(Wire):
    code: str
    name: str
    area: str
    place: PlaceOut | None
    cases: tuple[str, ...] = Field(description="numbers of the cases that work on it")
    struck: StrikeOut | None

    @classmethod
    def of(cls, one: Target, seen: Collection[str]) -> "TargetOut":
        return cls(
            code=one.code,
            name=one.name,
            area=one.area_code,
            place=PlaceOut.of(one.place) if one.place else None,
            cases=tuple(number for number in one.cases if number in seen),
            struck=StrikeOut.of(one.strike, seen) if one.strike else None,
        )


class LedgerLineOut(Wire):
    """One line of a list of ledgers."""

    id: UUID
    title: str
    owner: str
    category: str | None
    class_code: str | None
    from_on: date
    until_on: date
    targets: int
    struck: int
    operation: UUID | None


class LedgerListOut(Wire):
    ledgers: tuple[LedgerLineOut, ...]


class LedgerOut(Wire):
    """A ledger as it stands. ``may`` is what whoever asks can do with it."""

    id: UUID
    title: str
    owner: str
    owner_area: str
    category: str | None
    class_code: str | None
    from_on: date
    until_on: date
    operation: UUID | None
    opened_at: datetime
    version: int
    struck: int
    done: bool = Field(description="struck off to the end")
    targets: tuple[TargetOut, ...]
    may: tuple[Deed, ...]

    @classmethod
    def of(cls, one: Ledger, seen: Collection[str], may: tuple[Deed, ...]) -> "LedgerOut":
        """Return a ledger; of cases that are not ``seen`` the numbers are left out."""
        return cls(
            id=UUID(one.id),
            title=one.title,
            owner=one.owner,
            owner_area=one.owner_area,
            category=one.category,
            class_code=one.class_code,
            from_on=one.from_on,
            until_on=one.until_on,
            operation=UUID(one.operation) if one.operation else None,
            opened_at=one.opened_at,
            version=one.version,
            struck=one.struck,
            done=one.is_done,
            targets=tuple(TargetOut.of(target, seen) for target in one.lines),
            may=may,
        )


class ImportOut(Wire):
    """What an import did, or would do: nothing is written unless it was committed."""

    committed: bool
    added: int
    ledger: LedgerOut
