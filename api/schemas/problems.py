"""Refusals on the wire: RFC 9457 problem details."""

from typing import Any

from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What was refused and why. ``type`` ends in a name that never changes."""

    type: str = Field(examples=["/problems/missing-crs"])
    title: str
    status: int
    detail: str = Field(description="what, where, and what to do, in English")
    fields: dict[str, Any] | None = Field(default=None, description="the problem's own values")
    errors: list[dict[str, str]] | None = Field(default=None, description="where and what")


_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

# Every endpoint may answer these; the default media type would be JSON, so it is spelt out.
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "The request cannot be answered; nothing was written.",
        "content": _CONTENT,
    },
    "5XX": {
        "description": "The service cannot answer; look before trying again.",
        "content": _CONTENT,
    },
}
