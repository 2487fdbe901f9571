"""The life of an agreement: proposed, signed by each party, in force, ended. Nothing is edited."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from gridmap import codes
from gridmap.dispatch.actor import Actor, Role
from gridmap.dispatch.agreement import Agreement
from gridmap.dispatch.errors import (
    AgreementOverError,
    AlreadySignedError,
    ForeignPartyError,
    ForeignSignatureError,
)


class SigningKind(StrEnum):
    PROPOSED = "proposed"
    SIGNED = "signed"
    IN_FORCE = "in_force"  # the last party has signed
    ENDED = "ended"  # before its time, or withdrawn before all had signed


class AgreementState(StrEnum):
    PROPOSED = "proposed"  # somebody has not signed
    NOT_YET = "not_yet"  # signed by all, and its first day is to come
    IN_FORCE = "in_force"
    EXPIRED = "expired"  # its last day is over
    ENDED = "ended"


@dataclass(frozen=True)
class Signing:
    """One step in the life of an agreement. ``actor`` is an account."""

    kind: SigningKind
    at: datetime
    actor: str
    party: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Registered:
    """An agreement with all that has happened to it, in order; the first is its proposal."""

    agreement: Agreement
    events: tuple[Signing, ...]

    @property
    def signed_by(self) -> tuple[str, ...]:
        return tuple(event.party for event in self.events if event.party)

    @property
    def unsigned(self) -> tuple[str, ...]:
        return tuple(party for party in self.agreement.parties if party not in self.signed_by)

    @property
    def in_force_at(self) -> datetime | None:
        """When the last party signed; it holds from then on, not before its first day."""
        return self._first(SigningKind.IN_FORCE)

    @property
    def ended_at(self) -> datetime | None:
        return self._first(SigningKind.ENDED)

    def _first(self, kind: SigningKind) -> datetime | None:
        return next((event.at for event in self.events if event.kind is kind), None)

    @property
    def terms(self) -> Agreement:
        """The agreement with when it came into force and was ended."""
        return replace(self.agreement, in_force_at=self.in_force_at, ended_at=self.ended_at)

    def state(self, today: date) -> AgreementState:
        """Return where it stands on a day of the city's calendar."""
        if self.ended_at:
            return AgreementState.ENDED
        if not self.in_force_at:
            return AgreementState.PROPOSED
        if today < self.agreement.valid_from:
            return AgreementState.NOT_YET
        until = self.agreement.valid_until
        return AgreementState.EXPIRED if until and today > until else AgreementState.IN_FORCE

    def days_left(self, today: date) -> int | None:
        """Return the days to its last one, negative once that is over; ``None`` without an end."""
        until = self.ended_at.date() if self.ended_at else self.agreement.valid_until
        return (until - today).days if until else None

    def as_of(self, at: datetime) -> "Registered | None":
        """Return it as it was known at an instant; ``None`` before it was proposed."""
        events = tuple(event for event in self.events if event.at <= at)
        return replace(self, events=events) if events else None

    def after(self, events: tuple[Signing, ...]) -> "Registered":
        return replace(self, events=(*self.events, *events))


# Who speaks for a jurisdiction when it binds itself; over it, or over one above it.
_SIGNERS = frozenset({Role.CONVENER, Role.COMMAND, Role.ADMINISTRATOR})


def refuse_foreign(actor: Actor, agreement: Agreement, parties: tuple[str, ...]) -> None:
    """Return when somebody may act on an agreement for one of the parties named.

    Raises
    ------
    ForeignSignatureError
        None of their grants speaks for any of them.
    """
    own = {grant.area_code for grant in actor.grants if grant.role in _SIGNERS}
    if not any(code == party or codes.is_parent(code, party) for code in own for party in parties):
        raise ForeignSignatureError(agreement=agreement.id, parties=list(parties))


def propose(*, actor: str, now: datetime) -> tuple[Signing, ...]:
    """Somebody puts the terms on the table; nobody has signed yet."""
    return (Signing(SigningKind.PROPOSED, now, actor),)


def sign(registered: Registered, party: str, *, actor: str, now: datetime) -> tuple[Signing, ...]:
    """A party signs; with the last one the agreement comes into force."""
    _refuse_over(registered)
    agreement = registered.agreement
    if party not in agreement.parties:
        raise ForeignPartyError(
            agreement=agreement.id, party=party, parties=list(agreement.parties)
        )
    if party in registered.signed_by:
        raise AlreadySignedError(agreement=agreement.id, party=party)
    signed = Signing(SigningKind.SIGNED, now, actor, party=party)
    if registered.unsigned != (party,):
        return (signed,)
    return (signed, Signing(SigningKind.IN_FORCE, now, actor))


def end(registered: Registered, *, reason: str, actor: str, now: datetime) -> tuple[Signing, ...]:
    """The agreement ends before its time, or is withdrawn; what it has decided stays."""
    _refuse_over(registered)
    return (Signing(SigningKind.ENDED, now, actor, reason=reason),)


def _refuse_over(registered: Registered) -> None:
    if registered.ended_at:
        raise AgreementOverError(
            agreement=registered.agreement.id, ended_at=f"{registered.ended_at:%Y-%m-%d %H:%M}"
        )
