"""Past cases decided again under something else; nothing is written."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from anyio import to_thread

from api.services.errors import UnknownCaseError, UnknownPolicyError
from api.services.policies import built
from api.store import past, policies
from api.store.engine import Engine, reading
from gridmap.dispatch.lead import Policy
from gridmap.replay import Past, Replayed, replay
from gridmap.resolution import Reference


async def count(engine: Engine, *, since: datetime, until: datetime) -> int:
    async with reading(engine) as connection:
        return await past.count(connection, since=since, until=until)


async def replayed(
    engine: Engine, reference: Reference, *, since: datetime, until: datetime
) -> AsyncIterator[list[Replayed]]:
    """Yield the cases opened in a span of time, decided again, batch by batch, the first first."""
    async with reading(engine) as connection:
        async for batch in past.batches(connection, since=since, until=until):
            yield await to_thread.run_sync(_decided_again, batch, reference)


def _decided_again(batch: list[Past], reference: Reference) -> list[Replayed]:
    return [replay(one, reference) for one in batch]


async def replayed_case(engine: Engine, reference: Reference, case_id: UUID) -> Replayed:
    """Return one case decided again; `UnknownCaseError` when there is none."""
    async with reading(engine) as connection:
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
