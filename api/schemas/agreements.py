"""Agreements and policies on the wire."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BeforeValidator, Field, StringConstraints

from api.schemas.places import GeometryOut, PlaceIn, PlaceOut
from api.schemas.values import Code, Metres, Name, Text, Wire
from gridmap import geojson
from gridmap.boundary import Release
from gridmap.dispatch.agreement import Agreement, Document, Hours, Standing
from gridmap.dispatch.signing import AgreementState, Registered, SigningKind
from gridmap.errors import UnknownAreaError
from gridmap.place import Place

MOST_PARTIES = 50
MOST_CATEGORIES = 500
MOST_HOURS = 50


def _written_out(given: Any) -> Any:
    """Refuse what would pass for a date and is none: seconds since 1970, or an instant."""
    if not isinstance(given, str) or len(given) != len("2026-03-01"):
        raise ValueError("write the day as 2026-03-01")
    return given


AgreementId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Day = Annotated[date, BeforeValidator(_written_out)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Annotated[int, Field(strict=True, ge=1, le=7)]


class DocumentIn(Wire):
    title: Name
    number: Name
    signed_on: Day


class HoursIn(Wire):
    """Local hours, past midnight where they end before they begin; Monday is weekday 1."""

    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]
    begins: Clock
    ends: Clock

    def hours(self) -> Hours:
        return Hours(self.weekdays, time.fromisoformat(self.begins), time.fromisoformat(self.ends))


class AgreementIn(Wire):
    """What is proposed: a stretch of border, who leads along it, for what, and when."""

    id: AgreementId = Field(default_factory=lambda: str(uuid4()))
    title: Name
    place: PlaceIn = Field(description="the stretch: a line along the border, or an area")
    reach_m: Metres = Field(description="how far from it the agreement holds, to both sides")
    parties: Annotated[tuple[Code, ...], Field(max_length=MOST_PARTIES)]
    lead: Code
    document: DocumentIn
    valid_from: Day
    valid_until: Day | None = Field(default=None, description="the last day")
    categories: Annotated[tuple[Name, ...], Field(max_length=MOST_CATEGORIES)] = Field(
        default=(), description="codes of items or classes; none: all of them"
    )
    hours: Annotated[tuple[HoursIn, ...], Field(max_length=MOST_HOURS)] = Field(
        default=(), description="none: always"
    )

    def agreement(self, place: Place) -> Agreement:
        """Return the agreement on a stretch that was made of ``place``."""
        return Agreement(
            id=self.id,
            title=self.title,
            stretch=place,
            reach_m=self.reach_m,
            parties=self.parties,
            lead=self.lead,
            document=Document(**vars(self.document)),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            categories=self.categories,
            hours=tuple(one.hours() for one in self.hours),
        )


class SignIn(Wire):
    party: Code


class EndIn(Wire):
    reason: Annotated[Text, StringConstraints(min_length=1)]


class PartyOut(Wire):
    """A party by code; ``name`` is null where the release that answers now lacks it."""

    code: str
    name: str | None
    signed_at: datetime | None


class SigningOut(Wire):
    kind: SigningKind
    at: datetime
    party: str | None
    reason: str


class AgreementTerms(Wire):
    """An agreement and where it stands; ``days_left`` is negative once its last day is over."""

    id: str
    title: str
    state: AgreementState
    standing: Standing = Field(description="whether it holds at the instant asked for")
    reach_m: float
    parties: tuple[PartyOut, ...]
    lead: PartyOut
    document: Document
    valid_from: date
    valid_until: date | None
    days_left: int | None
    categories: tuple[str, ...]
    hours: tuple[HoursIn, ...]
    events: tuple[SigningOut, ...]

    @classmethod
    def terms_of(cls, registered: Registered, release: Release, *, at: datetime) -> dict[str, Any]:
        """Return the fields; ``at`` is an instant in the city's time."""
        terms = registered.terms
        signed = {event.party: event.at for event in registered.events if event.party}
        parties = {
            code: PartyOut(code=code, name=_name(code, release), signed_at=signed.get(code))
            for code in terms.parties
        }
        held = registered.in_force_at is not None
        return {
            "id": terms.id,
            "title": terms.title,
            "state": registered.state(at.date()),
            "standing": terms.standing(at) if held else Standing.NOT_YET,
            "reach_m": terms.reach_m,
            "parties": tuple(parties.values()),
            "lead": parties[terms.lead],
            "document": terms.document,
            "valid_from": terms.valid_from,
            "valid_until": terms.valid_until,
            "days_left": registered.days_left(at.date()),
            "categories": terms.categories,
            "hours": tuple(_hours_out(hours) for hours in terms.hours),
            "events": tuple(
                SigningOut(kind=one.kind, at=one.at, party=one.party, reason=one.reason)
                for one in registered.events
            ),
        }


class AgreementOut(AgreementTerms):
    """``region`` is all within reach, to be drawn."""

    place: PlaceOut
    region: GeometryOut

    @classmethod
    def of(cls, registered: Registered, release: Release, *, at: datetime) -> "AgreementOut":
        return cls(
            **cls.terms_of(registered, release, at=at),
            place=PlaceOut.of(registered.agreement.stretch),
            region=geojson.dump(registered.agreement.region),
        )


class AgreementList(Wire):
    agreements: tuple[AgreementOut, ...]
    now: datetime


class AgreementFeature(Wire):
    type: Literal["Feature"] = "Feature"
    id: str
    geometry: GeometryOut
    properties: AgreementTerms

    @classmethod
    def of(cls, registered: Registered, release: Release, *, at: datetime) -> "AgreementFeature":
        return cls(
            id=registered.agreement.id,
            geometry=geojson.dump(registered.agreement.stretch.geometry),
            properties=AgreementTerms(**AgreementTerms.terms_of(registered, release, at=at)),
        )


class AgreementCollection(Wire):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: tuple[AgreementFeature, ...]


class StoredPolicyOut(Wire):
    version: str
    title: str
    active: bool
    imported_at: datetime
    activated_at: datetime | None


class PolicyList(Wire):
    policies: tuple[StoredPolicyOut, ...]


def _name(code: str, release: Release) -> str | None:
    try:
        return release.area(code).name
    except UnknownAreaError:
        return None


def _hours_out(hours: Hours) -> HoursIn:
    return HoursIn(
        weekdays=hours.weekdays, begins=f"{hours.begins:%H:%M}", ends=f"{hours.ends:%H:%M}"
    )
