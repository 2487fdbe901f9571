"""Webhooks on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.values import Code, Wire, storable
from gridmap.dispatch.sending import SendingState

Url = Annotated[str, AfterValidator(storable), StringConstraints(min_length=8, max_length=2_000)]


class WebhookIn(Wire):
    url: Url
    area_code: Code = Field(description="it is told of the events of this area and all below it")


class WebhookOut(Wire):
    id: UUID
    url: str
    area_code: str
    created_by: str = Field(description="the account")
    created_at: datetime


class NewWebhookOut(WebhookOut):
    secret: str = Field(description="signs every delivery (Standard Webhooks); told this once")


class WebhookList(Wire):
    webhooks: tuple[WebhookOut, ...]


class DeliveryOut(Wire):
    """One event on its way; its id is the `webhook-id` that the receiver sees, always the same."""

    id: UUID
    webhook_id: UUID
    case_id: UUID
    seq: int
    at: datetime
    state: SendingState
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None
    error: str | None


class DeliveryList(Wire):
    deliveries: tuple[DeliveryOut, ...]
