"""The pages and their files, all from this machine."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles

WEB = Path(__file__).resolve().parent.parent / "web"

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


def mount(app: FastAPI) -> None:
    """Serve the map at ``/``, the API's documentation at ``/docs``, files under ``/web``."""
    app.add_api_route("/", _map, include_in_schema=False, response_class=FileResponse)
    app.add_api_route("/docs", _api_page, include_in_schema=False, response_class=HTMLResponse)
    app.mount("/web", StaticFiles(directory=WEB, check_dir=False))


async def _map() -> FileResponse:
    return FileResponse(WEB / "index.html")


async def _api_page() -> HTMLResponse:
    return HTMLResponse(_API_PAGE)
