"""Agreements that run out: their parties are told a month before, a week before, and that day."""

from api.services.turn import Turn
from api.store import agreements, notices
from api.store.engine import transaction
from gridmap.dispatch.actor import area_key
from gridmap.dispatch.expiry import warning
from gridmap.dispatch.signing import AgreementState


async def warn(turn: Turn) -> int:
    """Tell the parties what is due today, each once; returns how many notices there were."""
    today = turn.now.astimezone(turn.reference.policy.timezone).date()
    told = 0
    async with transaction(turn.engine, turn.actor) as connection:
        for one in await agreements.registered(connection):
            until = one.agreement.valid_until
            days = warning(until, today) if until else None
            if days is None or one.state(today) not in _RUNNING:
                continue
            keys = [area_key(party) for party in one.agreement.parties]
            told += await notices.warn(
                connection, one.agreement.id, days=days, keys=keys, now=turn.now
            )
    return told


_RUNNING = {AgreementState.IN_FORCE, AgreementState.EXPIRED}
