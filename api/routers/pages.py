"""The pages and their files, all from this machine; and the headers that keep it so."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WEB = Path(__file__).resolve().parent.parent / "web"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "script-src 'self'; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self)",
}

# Swagger UI from our own files, started by a script of ours because the CSP forbids inline ones.
_API_PAGE = """<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8"><title>gridmap API</title>
<link rel="icon" href="/web/icon.svg">
<link rel="stylesheet" href="/web/vendor/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/web/vendor/swagger-ui-bundle.js"></script>
<script src="/web/api-page.js"></script>
</body>
</html>
"""


class SecureHeaders:
    """ASGI middleware that adds the security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


def mount(app: FastAPI) -> None:
    """Serve the map at ``/``, the API's documentation at ``/docs``, files under ``/web``."""
    app.add_api_route("/", _map, include_in_schema=False, response_class=FileResponse)
    app.add_api_route("/docs", _api_page, include_in_schema=False, response_class=HTMLResponse)
    app.mount("/web", StaticFiles(directory=WEB, check_dir=False))


async def _map() -> FileResponse:
    return FileResponse(WEB / "index.html")


async def _api_page() -> HTMLResponse:
    return HTMLResponse(_API_PAGE)
