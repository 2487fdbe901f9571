"""Past cases decided again under something else; nothing is written."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from anyio import to_thread

from api.services.errors import UnknownCaseError, UnknownPolicyError
from api.services.policies import built
from api.store import past, policies
from api.store.engine import Engine, reading
from gridmap.dispatch.actor import Actor
from gridmap.dispatch.lead import Policy
from gridmap.replay import Past, Replayed, replay
from gridmap.resolution import Reference


async def count(engine: Engine, actor: Actor, *, since: datetime, until: datetime) -> int:
    async with reading(engine, actor) as connection:
        return await past.count(connection, since=since, until=until)


async def replayed(
    engine: Engine, reference: Reference, actor: Actor, *, since: datetime, until: datetime
) -> AsyncIterator[list[Replayed]]:
    """Yield the cases opened in a span of time, decided again, batch by batch, the first first.

    Only those that the actor sees.
    """
    async with reading(engine, actor) as connection:
        async for batch in past.batches(connection, since=since, until=until):
            yield await to_thread.run_sync(_decided_again, batch, reference)


def _decided_again(batch: list[Past], reference: Reference) -> list[Replayed]:
    return [replay(one, reference) for one in batch]


async def replayed_case(
    engine: Engine, reference: Reference, actor: Actor, case_id: UUID
) -> Replayed:
    """Return one case decided again; `UnknownCaseError` when there is none to see."""
    async with reading(engine, actor) as connection:
        found = await past.find(connection, case_id)
    if found is None:
        raise UnknownCaseError(case=str(case_id))
    return await to_thread.run_sync(replay, found, reference)


async def policy_of(engine: Engine, version: str) -> Policy:
    """Return a stored policy; `UnknownPolicyError` when there is none of this version."""
    async with reading(engine) as connection:
        known = await policies.stored(connection)
    one = next((one for one in known if one.version == version), None)
    if one is None:
        raise UnknownPolicyError(version=version)
    return built(one.document, known, source=version)
