"""Errors to RFC 9457 problem details: one table, one body.

``type`` ends in the error's slug, which never changes; the pages translate by it. A 5xx never
echoes what a driver said.
"""

import json
import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from api.headers import HEADERS
from api.schemas.problems import MEDIA_TYPE
from api.services.errors import (
    AdministratorNeededError,
    AgreementExistsError,
    AgreementNotFoundError,
    AreaNotFoundError,
    BboxError,
    BeyondAuthorityError,
    ErasedAccountError,
    EvidenceErasedError,
    EvidenceFileError,
    ForeignOriginError,
    IdempotencyKeyReusedError,
    LoginTakenError,
    NearError,
    NoCallerError,
    NoCatalogueError,
    NoDemonstrationError,
    NoReleaseError,
    NothingToEraseError,
    PasswordLengthError,
    PointNeededError,
    PositionsNotYoursError,
    PositionTooOldError,
    SignInNeededError,
    SignInRefusedError,
    TooManyAreasError,
    TooManyAttemptsError,
    UnitElsewhereError,
    UnitNeededError,
    UnitNotFoundError,
    UnknownAccountError,
    UnknownCaseError,
    UnknownCatalogueError,
    UnknownDeliveryError,
    UnknownEvidenceError,
    UnknownGrantError,
    UnknownIncidentError,
    UnknownNoticeError,
    UnknownPolicyError,
    UnknownReleaseError,
    UnknownReportError,
    UnknownUnitError,
    UnknownWebhookError,
    UnknownWhistleKindError,
    UnsupportedMediaTypeError,
    WebhookUrlError,
)
from gridmap.dispatch.errors import (
    AgreementError,
    ForeignSignatureError,
    LimitError,
    OverlappingAgreementsError,
    SigningError,
    UnknownCategoryError,
    UnknownOwnerError,
)
from gridmap.dispatch.refusals import (
    LeadNotSideError,
    MissingEvidenceError,
    NotYoursError,
    OutcomeError,
    ReviewDateError,
    SatisfactionError,
    ScoreError,
    UnknownPartError,
    UnknownSummonsError,
    WorkflowError,
)
from gridmap.dispatch.subject_refusals import (
    SubjectRightError,
    SubjectStateError,
    SubjectValueError,
    TargetTableError,
    UnknownSubjectError,
)
from gridmap.errors import CrsError, GridmapError, PlaceError, UnknownAreaError

# A connection may be lost after the database has committed and before it could say so.
_UNKNOWN_OUTCOME = (
    "whether a change was written is not known: look at the case, "
    "or send a report again with the same Idempotency-Key"
)

logger = logging.getLogger(__name__)

# The most specific class decides; what is not listed is ours to mend and answers 500.
STATUS: Mapping[type[GridmapError], HTTPStatus] = {
    SignInNeededError: HTTPStatus.UNAUTHORIZED,
    SignInRefusedError: HTTPStatus.UNAUTHORIZED,
    TooManyAttemptsError: HTTPStatus.TOO_MANY_REQUESTS,
    ForeignOriginError: HTTPStatus.FORBIDDEN,
    AdministratorNeededError: HTTPStatus.FORBIDDEN,
    BeyondAuthorityError: HTTPStatus.FORBIDDEN,
    NoDemonstrationError: HTTPStatus.NOT_FOUND,
    UnknownAccountError: HTTPStatus.NOT_FOUND,
    UnknownGrantError: HTTPStatus.NOT_FOUND,
    ErasedAccountError: HTTPStatus.CONFLICT,
    LoginTakenError: HTTPStatus.CONFLICT,
    PasswordLengthError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnitNotFoundError: HTTPStatus.NOT_FOUND,
    UnknownUnitError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnitNeededError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnitElsewhereError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotYoursError: HTTPStatus.FORBIDDEN,
    UnknownPartError: HTTPStatus.NOT_FOUND,
    UnknownWhistleKindError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownEvidenceError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownIncidentError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NothingToEraseError: HTTPStatus.NOT_FOUND,
    UnknownReportError: HTTPStatus.NOT_FOUND,
    UnknownNoticeError: HTTPStatus.NOT_FOUND,
    WebhookUrlError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownWebhookError: HTTPStatus.NOT_FOUND,
    UnknownDeliveryError: HTTPStatus.NOT_FOUND,
    NoCallerError: HTTPStatus.NOT_FOUND,
    EvidenceErasedError: HTTPStatus.GONE,
    EvidenceFileError: HTTPStatus.UNPROCESSABLE_ENTITY,
    MissingEvidenceError: HTTPStatus.UNPROCESSABLE_ENTITY,
    LeadNotSideError: HTTPStatus.UNPROCESSABLE_ENTITY,
    OutcomeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ScoreError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SatisfactionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ReviewDateError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownCaseError: HTTPStatus.NOT_FOUND,
    UnknownSummonsError: HTTPStatus.NOT_FOUND,
    AreaNotFoundError: HTTPStatus.NOT_FOUND,
    AgreementNotFoundError: HTTPStatus.NOT_FOUND,
    UnknownPolicyError: HTTPStatus.NOT_FOUND,
    UnknownReleaseError: HTTPStatus.NOT_FOUND,
    UnknownAreaError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownCategoryError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownOwnerError: HTTPStatus.UNPROCESSABLE_ENTITY,
    IdempotencyKeyReusedError: HTTPStatus.CONFLICT,
    WorkflowError: HTTPStatus.CONFLICT,
    SubjectRightError: HTTPStatus.FORBIDDEN,
    UnknownSubjectError: HTTPStatus.NOT_FOUND,
    SubjectStateError: HTTPStatus.CONFLICT,
    SubjectValueError: HTTPStatus.UNPROCESSABLE_ENTITY,
    TargetTableError: HTTPStatus.UNPROCESSABLE_ENTITY,
    AgreementError: HTTPStatus.UNPROCESSABLE_ENTITY,
    AgreementExistsError: HTTPStatus.CONFLICT,
    OverlappingAgreementsError: HTTPStatus.CONFLICT,
    SigningError: HTTPStatus.CONFLICT,
    ForeignSignatureError: HTTPStatus.FORBIDDEN,
    LimitError: HTTPStatus.UNPROCESSABLE_ENTITY,
    BboxError: HTTPStatus.BAD_REQUEST,
    NearError: HTTPStatus.BAD_REQUEST,
    PointNeededError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PositionTooOldError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PositionsNotYoursError: HTTPStatus.FORBIDDEN,
    TooManyAreasError: HTTPStatus.BAD_REQUEST,
    UnsupportedMediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    CrsError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PlaceError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoCatalogueError: HTTPStatus.SERVICE_UNAVAILABLE,
    UnknownCatalogueError: HTTPStatus.NOT_FOUND,
    NoReleaseError: HTTPStatus.SERVICE_UNAVAILABLE,
}


class BodyTooLargeError(HTTPException):
    """The body is over the limit. An HTTPException, because FastAPI hides others while it reads."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self.limit_bytes = limit_bytes


def status_of(error: GridmapError) -> HTTPStatus:
    """Return the status of the nearest class of an error that the table knows."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


class ProblemResponse(JSONResponse):
    """JSON in ASCII: what it quotes from a request may be no text at all (a lone surrogate)."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False).encode("ascii")


def problem(status: HTTPStatus, slug: str, detail: str, **extra: Any) -> JSONResponse:
    """Return one problem; ``type`` is ``/problems/<slug>``, ``title`` the status in words."""
    body = {
        "type": f"/problems/{slug}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        **extra,
    }
    return ProblemResponse(body, status_code=status)


def install(app: FastAPI) -> None:
    """Let every error of the application answer as a problem."""
    app.add_exception_handler(GridmapError, _named)
    app.add_exception_handler(BodyTooLargeError, _too_large)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _database)
    app.add_exception_handler(InterfaceError, _database)
    app.add_exception_handler(Exception, _unexpected)


async def _named(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GridmapError)
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return await _unexpected(_request, error)
    response = problem(status, error.slug, str(error), fields=_finite(error.fields))
    if isinstance(error, TooManyAttemptsError):
        response.headers["Retry-After"] = str(error.wait_s)
    return response


async def _too_large(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BodyTooLargeError)
    detail = (
        f"the body is over {error.limit_bytes:,} bytes; send the outline of the place only, "
        "simplified where it has very many vertices"
    )
    fields = {"limit_bytes": error.limit_bytes}
    return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", detail, fields=fields)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Say where and what, never echo the input: it may hold what JSON cannot."""
    assert isinstance(error, RequestValidationError)
    found = [
        {"where": ".".join(str(step) for step in one["loc"]), "what": one["msg"]}
        for one in error.errors()
    ]
    detail = "; ".join(f"{one['where']}: {one['what']}" for one in found)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "validation", detail, errors=found)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    slug = status.phrase.lower().replace(" ", "-")
    response = problem(status, slug, str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def _database(_request: Request, error: Exception) -> JSONResponse:
    logger.error("the database was lost", exc_info=error)
    response = problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "service-unavailable",
        f"the database does not answer; {_UNKNOWN_OUTCOME}",
    )
    response.headers["Retry-After"] = "2"
    return response


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error", exc_info=error)
    response = problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal",
        f"something went wrong here, not in your request; {_UNKNOWN_OUTCOME}. "
        "The server's log has the details",
    )
    response.headers.update(HEADERS)  # this one is made outside of all middleware
    return response


def _finite(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as JSON: a NaN or infinity becomes its name."""
    return {
        key: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in fields.items()
    }
