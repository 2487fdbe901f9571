"""Webhooks: who else is told, for administrators inside their area."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, status

from api.deps import SignedInHere
from api.routers.accounts import By
from api.schemas.steps import ActionIn
from api.schemas.webhooks import (
    DeliveryList,
    DeliveryOut,
    NewWebhookOut,
    WebhookIn,
    WebhookList,
    WebhookOut,
)
from api.services import hooking
from api.store.webhooks import Delivery, Webhook
from gridmap.dispatch.sending import SendingState

router = APIRouter(tags=["webhooks"])


@router.get("/webhooks")
async def list_webhooks(here: SignedInHere, by: By) -> WebhookList:
    """List the webhooks of one's areas; their secrets are not told again."""
    found = await hooking.listed(here.engine, by)
    return WebhookList(webhooks=tuple(_webhook(one) for one in found))


@router.post("/webhooks", status_code=status.HTTP_201_CREATED)
async def register(given: WebhookIn, here: SignedInHere, by: By, request: Request) -> NewWebhookOut:
    """Let a URL be told of the events of an area, never of a confidential case; signed."""
    made = await hooking.register(
        here.engine,
        by,
        url=given.url,
        area=given.area_code,
        private=request.app.state.private_webhooks,
        now=here.now,
    )
    return NewWebhookOut(**_webhook(made.webhook).model_dump(), secret=made.secret)


@router.delete("/webhooks/{webhook}", status_code=status.HTTP_204_NO_CONTENT)
async def end(webhook: UUID, here: SignedInHere, by: By) -> None:
    """Let a webhook end; what waits for it is not sent any more."""
    await hooking.end(here.engine, by, webhook, now=here.now)


@router.get("/webhooks/{webhook}/deliveries")
async def list_deliveries(
    webhook: UUID,
    here: SignedInHere,
    by: By,
    state: SendingState | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DeliveryList:
    """List what was sent to a webhook, waits, or was given up (dead), the latest first."""
    found = await hooking.deliveries(here.engine, by, webhook, state=state, limit=limit)
    return DeliveryList(deliveries=tuple(_delivery(one) for one in found))


@router.post("/deliveries/{delivery}/redeliver", status_code=status.HTTP_202_ACCEPTED)
async def redeliver(delivery: UUID, _given: ActionIn, here: SignedInHere, by: By) -> DeliveryOut:
    """Send a delivery once more, under its old id."""
    return _delivery(await hooking.redeliver(here.engine, by, delivery, now=here.now))


def _webhook(one: Webhook) -> WebhookOut:
    return WebhookOut(
        id=one.id,
        url=one.url,
        area_code=one.area_code,
        created_by=one.created_by,
        created_at=one.created_at,
    )


def _delivery(one: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=one.id,
        webhook_id=one.webhook_id,
        case_id=one.case_id,
        seq=one.seq,
        at=one.at,
        state=one.state,
        attempts=one.attempts,
        next_at=one.next_at,
        sent_at=one.sent_at,
        error=one.error,
    )
