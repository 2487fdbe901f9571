"""The OpenAPI description, complete: with the bodies that are read by hand and the problems."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.schemas.agreements import AgreementIn
from api.schemas.cases import ReportIn
from api.schemas.problems import Problem
from api.schemas.resolutions import ResolveIn

# Named in references only, so that FastAPI does not find them by itself.
_REFERRED = (ReportIn, ResolveIn, AgreementIn, Problem)


def install(app: FastAPI) -> None:
    """Let ``/openapi.json`` answer with the whole description; made once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the description of the application's own endpoints."""
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    _, referred = models_json_schema(
        [(model, "validation") for model in _REFERRED],
        ref_template="#/components/schemas/{model}",
    )
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = referred["$defs"] | schemas
    return document
