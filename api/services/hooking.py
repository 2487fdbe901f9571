"""Webhooks registered, ended, looked into: by administrators over their area."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from api.services.accounts import Administrator
from api.services.addresses import target
from api.services.errors import (
    BeyondAuthorityError,
    UnknownDeliveryError,
    UnknownWebhookError,
)
from api.store import jobs, webhooks
from api.store.engine import Connection, Engine, reading, transaction
from api.store.webhooks import DELIVER, Delivery, Webhook
from gridmap.dispatch.sending import SendingState

_SECRET_BYTES = 32


@dataclass(frozen=True)
class Registered:
    """A new webhook with its secret, which is told this once."""

    webhook: Webhook
    secret: str


async def register(
    engine: Engine, by: Administrator, *, url: str, area: str, private: bool, now: datetime
) -> Registered:
    """Let a URL be told of the events of an area and all below it, from now on.

    Raises
    ------
    UnknownAreaError, BeyondAuthorityError, WebhookUrlError
        Nothing was written.
    """
    by.release.area(area)
    if not by.is_over(area):
        raise BeyondAuthorityError(what="a webhook", area=area)
    await target(url, private=private)
    secret = secrets.token_bytes(_SECRET_BYTES)
    made = Webhook(uuid4(), url, area, secret, by.actor.account, now)
    async with transaction(engine, by.actor) as connection:
        await webhooks.add(connection, made)
    return Registered(made, "whsec_" + base64.b64encode(secret).decode())


async def listed(engine: Engine, by: Administrator) -> list[Webhook]:
    """Return the webhooks of the administrator's areas."""
    async with reading(engine, by.actor) as connection:
        return [one for one in await webhooks.standing(connection) if by.is_over(one.area_code)]


async def end(engine: Engine, by: Administrator, webhook: UUID, *, now: datetime) -> None:
    """Let a webhook end: what waits for it is not sent any more."""
    async with transaction(engine, by.actor) as connection:
        await _own(connection, by, webhook)
        await webhooks.end(connection, webhook, now=now)


async def deliveries(
    engine: Engine, by: Administrator, webhook: UUID, *, state: SendingState | None, limit: int
) -> list[Delivery]:
    """Return what was sent to a webhook, waits, or was given up, the latest first."""
    async with reading(engine, by.actor) as connection:
        await _own(connection, by, webhook)
        return await webhooks.of_webhook(connection, webhook, state=state, limit=limit)


async def redeliver(
    engine: Engine, by: Administrator, delivery: UUID, *, now: datetime
) -> Delivery:
    """Send a delivery once more, whatever became of it, with all its attempts before it."""
    async with transaction(engine, by.actor) as connection:
        known = await webhooks.delivery(connection, delivery)
        if known is None:
            raise UnknownDeliveryError(delivery=str(delivery))
        await _own(connection, by, known.webhook_id)
        await webhooks.change(
            connection, delivery, state=SendingState.WAITING.value, attempts=0, next_at=now
        )
        await jobs.enqueue(connection, DELIVER, {"delivery": str(delivery)})
        again = await webhooks.delivery(connection, delivery)
        assert again, "it was there a moment ago, in this transaction"
        return again


async def _own(connection: Connection, by: Administrator, webhook: UUID) -> Webhook:
    known = await webhooks.find(connection, webhook)
    if known is None or not by.is_over(known.area_code):
        raise UnknownWebhookError(webhook=str(webhook))
    return known
