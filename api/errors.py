"""Errors to RFC 9457 problem details: one table, one body.

``type`` ends in the error's slug, which never changes; the pages translate by it. A 5xx never
echoes what a driver said.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api.services.errors import IdempotencyKeyReusedError, NoReleaseError, UnknownCaseError
from gridmap.dispatch.errors import (
    LimitError,
    UnknownCategoryError,
    UnknownSummonsError,
    WorkflowError,
)
from gridmap.errors import GridmapError, PlaceError, ReleaseError, UnknownAreaError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

# The most specific class decides; what is not listed is ours to mend and answers 500.
STATUS: Mapping[type[GridmapError], HTTPStatus] = {
    UnknownCaseError: HTTPStatus.NOT_FOUND,
    UnknownSummonsError: HTTPStatus.NOT_FOUND,
    UnknownAreaError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownCategoryError: HTTPStatus.UNPROCESSABLE_ENTITY,
    IdempotencyKeyReusedError: HTTPStatus.CONFLICT,
    WorkflowError: HTTPStatus.CONFLICT,
    LimitError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PlaceError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoReleaseError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(error: GridmapError) -> HTTPStatus:
    """Return the status of the nearest class of an error that the table knows."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR
