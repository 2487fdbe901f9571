"""Deliveries to webhooks: signed, at least once, tried again with growing waits, then dead.

References
----------
.. [1] Standard Webhooks, 1.0: the headers, and the signature over id, timestamp and body.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from api.services.addresses import target
from api.services.errors import WebhookUrlError
from api.store import cases, history, jobs, webhooks
from api.store.engine import Connection, Engine, transaction
from api.store.webhooks import DELIVER, Delivery, Webhook
from gridmap.dispatch.actor import SYSTEM
from gridmap.dispatch.event import Event
from gridmap.dispatch.record import CaseRecord
from gridmap.dispatch.sending import Patience, SendingState

_ERROR_LENGTH = 300  # of what is kept of why it failed


@dataclass(frozen=True)
class Post:
    """How deliveries are made. ``private``: also to this machine and private networks."""

    patience: Patience
    timeout_s: float
    private: bool


async def deliver(engine: Engine, post: Post, delivery_id: UUID, *, now: datetime) -> None:
    """Send a delivery that waits, and keep how it went.

    The row is locked meanwhile, so that nobody else sends it; who is killed leaves it waiting.
    """
    async with transaction(engine, SYSTEM) as connection:
        one = await webhooks.taken(connection, delivery_id)
        if one is None:
            return
        webhook = await webhooks.find(connection, one.webhook_id)
        record = await cases.find(connection, one.case_id)
        if webhook is None or record is None or record.case.named:
            state = SendingState.WITHHELD.value
            await webhooks.change(connection, one.id, state=state, next_at=None)
            return
        event = (await history.of_case(connection, one.case_id))[one.seq - 1]
        error = await _send(webhook, one.id, body(record, one.seq, event), post, now=now)
        await _keep(connection, one, post, error, now=now)


async def _keep(
    connection: Connection, one: Delivery, post: Post, error: str | None, *, now: datetime
) -> None:
    attempts = one.attempts + 1
    if error is None:
        await webhooks.change(
            connection,
            one.id,
            state=SendingState.SENT.value,
            attempts=attempts,
            sent_at=now,
            next_at=None,
            error=None,
        )
        return
    again = post.patience.next_at(attempts, now)
    state = SendingState.WAITING if again else SendingState.DEAD
    await webhooks.change(
        connection,
        one.id,
        state=state.value,
        attempts=attempts,
        next_at=again,
        error=error[:_ERROR_LENGTH],
    )
    if again:
        await jobs.enqueue(connection, DELIVER, {"delivery": str(one.id)}, at=again)


def body(record: CaseRecord, seq: int, event: Event) -> bytes:
    """Return what a webhook is told: what happened, and never a word that somebody wrote."""
    document = {
        "type": f"case.{event.kind.value}",
        "timestamp": event.at.isoformat(),
        "data": {
            "case_id": str(record.id),
            "number": record.case.number,
            "category": record.category,
            "holder": record.case.holder,
            "step": record.case.step.value,
            "seq": seq,
            "event": dict(event.data),
        },
    }
    return json.dumps(document, ensure_ascii=False).encode()


def headers(webhook: Webhook, delivery: UUID, content: bytes, now: datetime) -> dict[str, str]:
    """Return the headers by which a receiver knows who sends, and what it has had before."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((str(delivery).encode(), timestamp.encode(), content))
    digest = hmac.new(webhook.secret, signed, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "user-agent": "gridmap",
        "webhook-id": str(delivery),
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


async def _send(
    webhook: Webhook, delivery: UUID, content: bytes, post: Post, *, now: datetime
) -> str | None:
    """Post it; returns why it did not arrive, ``None`` when it did."""
    try:
        where = await target(webhook.url, private=post.private)
    except WebhookUrlError as error:
        return str(error)
    sent: Mapping[str, str] = headers(webhook, delivery, content, now) | {"host": where.authority}
    extensions: dict[str, Any] = {"sni_hostname": where.host}
    async with httpx.AsyncClient(
        timeout=post.timeout_s, follow_redirects=False, trust_env=False
    ) as client:
        try:
            answer = await client.post(
                where.url, content=content, headers=sent, extensions=extensions
            )
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"
    return None if answer.is_success else f"it answered {answer.status_code}"


async def sweep(engine: Engine, *, before: datetime, limit: int) -> int:
    """Enqueue deliveries whose job was lost; one too many does no harm."""
    async with transaction(engine, SYSTEM) as connection:
        late = await webhooks.overdue(connection, before=before, limit=limit)
        for one in late:
            await jobs.enqueue(connection, DELIVER, {"delivery": str(one)})
    return len(late)
