"""The service as an ASGI application; nothing happens at import."""

from fastapi import FastAPI

import gridmap


def create_app() -> FastAPI:
    """Return the application."""
    app = FastAPI(title="gridmap", version=gridmap.__version__)
    app.add_api_route("/healthz", healthz)
    return app


async def healthz() -> dict[str, str]:
    return {"status": "ok"}
