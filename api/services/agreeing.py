"""Agreements proposed, signed and ended; each step one transaction, appended, never edited."""

from collections.abc import Sequence
from datetime import datetime

from anyio import to_thread

from api.services.errors import AgreementExistsError, AgreementNotFoundError
from api.store import agreements
from api.store.engine import Connection, Engine, transaction
from gridmap.dispatch import signing
from gridmap.dispatch.actor import Actor
from gridmap.dispatch.agreement import Agreement, checked
from gridmap.dispatch.agreements import Agreements
from gridmap.dispatch.signing import Registered
from gridmap.resolution import Reference


async def propose(
    engine: Engine,
    reference: Reference,
    agreement: Agreement,
    *,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
) -> Registered:
    """Put an agreement on the table; it holds once every party has signed. Returns it.

    Raises
    ------
    AgreementExistsError
        One with its id is there.
    GridmapError
        Its terms cannot be, or one in force names another lead; nothing was written.
    """
    signing.refuse_foreign(actor, agreement, agreement.parties)
    proposed = Registered(agreement, signing.propose(actor=actor.account, now=now))
    release, catalogue = reference.index.release, reference.catalogue
    await to_thread.run_sync(lambda: checked(agreement, release, catalogue))
    async with transaction(engine) as connection:
        await agreements.lock(connection)
        if await agreements.find(connection, agreement.id):
            raise AgreementExistsError(agreement=agreement.id)
        await _refuse_overlapping(connection, reference, agreement)
        if not dry_run:
            await agreements.store(connection, proposed)
    return proposed


async def take_over(
    engine: Engine,
    reference: Reference,
    given: Sequence[Agreement],
    *,
    signed: bool,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
) -> None:
    """Take over agreements from another register: all of them, or none.

    With ``signed`` every party has signed the paper, and they hold at once.

    Raises
    ------
    GridmapError
        What is wrong with the first that cannot be; nothing was written.
    """
    standing = await to_thread.run_sync(lambda: _side_by_side(given, reference))
    async with transaction(engine) as connection:
        await agreements.lock(connection)
        for agreement in standing:
            if await agreements.find(connection, agreement.id):
                raise AgreementExistsError(agreement=agreement.id)
            await _refuse_overlapping(connection, reference, agreement)
            if not dry_run:
                await agreements.store(
                    connection, _taken_over(agreement, signed=signed, actor=actor, now=now)
                )


def _side_by_side(given: Sequence[Agreement], reference: Reference) -> list[Agreement]:
    """Return the agreements, when each can be and no two of them overlap."""
    kept: list[Agreement] = []
    for agreement in given:
        checked(agreement, reference.index.release, reference.catalogue)
        if any(one.id == agreement.id for one in kept):
            raise AgreementExistsError(agreement=agreement.id)
        Agreements(kept).refuse_overlapping(agreement, reference.catalogue)
        kept.append(agreement)
    return kept


def _taken_over(agreement: Agreement, *, signed: bool, actor: Actor, now: datetime) -> Registered:
    registered = Registered(agreement, signing.propose(actor=actor.account, now=now))
    for party in agreement.parties if signed else ():
        registered = registered.after(signing.sign(registered, party, actor=actor.account, now=now))
    return registered


async def sign(
    engine: Engine,
    reference: Reference,
    agreement_id: str,
    party: str,
    *,
    actor: Actor,
    now: datetime,
) -> Registered:
    """Sign for a party. With the last one it comes into force, unless one in force overlaps it."""
    async with transaction(engine) as connection:
        registered = await _locked(connection, agreement_id)
        signing.refuse_foreign(actor, registered.agreement, (party,))
        events = signing.sign(registered, party, actor=actor.account, now=now)
        signed = registered.after(events)
        if signed.in_force_at:
            await _refuse_overlapping(connection, reference, signed.agreement)
        await agreements.append(connection, agreement_id, events, after=len(registered.events))
    return signed


async def end(
    engine: Engine, agreement_id: str, *, reason: str, actor: Actor, now: datetime
) -> Registered:
    """End an agreement before its time, or withdraw it; what it has decided stays."""
    async with transaction(engine) as connection:
        registered = await _locked(connection, agreement_id)
        signing.refuse_foreign(actor, registered.agreement, registered.agreement.parties)
        events = signing.end(registered, reason=reason, actor=actor.account, now=now)
        await agreements.append(connection, agreement_id, events, after=len(registered.events))
    return registered.after(events)


async def _locked(connection: Connection, agreement_id: str) -> Registered:
    await agreements.lock(connection)
    registered = await agreements.find(connection, agreement_id)
    if registered is None:
        raise AgreementNotFoundError(agreement=agreement_id)
    return registered


async def _refuse_overlapping(
    connection: Connection, reference: Reference, agreement: Agreement
) -> None:
    """Ask the database, not the reference: another process may have signed a moment ago."""
    known = await agreements.registered(connection)
    standing = Agreements(one.terms for one in known if one.in_force_at and not one.ended_at)
    await to_thread.run_sync(lambda: standing.refuse_overlapping(agreement, reference.catalogue))
