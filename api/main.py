"""The service as an ASGI application; nothing happens at import."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware

import gridmap
from api import description, errors
from api.deps import own_pages_only
from api.headers import SecureHeaders
from api.limits import BodyLimit
from api.rehearsal import REAL, Clock
from api.routers import (
    accounts,
    agreements,
    areas,
    cases,
    casework,
    catalogues,
    disputes,
    duty,
    evidence,
    failings,
    figures,
    health,
    ledgers,
    notices,
    operations,
    pages,
    personal,
    positions,
    replays,
    resolve,
    scores,
    session,
    summons,
    tasks,
    units,
    webhooks,
    whistles,
)
from api.schemas.problems import RESPONSES
from api.services.reference import ReferenceHolder
from api.services.signing_in import door
from api.settings import PROJECT, AccountSettings, DataSettings
from api.store.engine import Engine, engine_at
from api.store.files import Files

logger = logging.getLogger(__name__)

_PARTS = (
    resolve,
    cases,
    whistles,
    summons,
    disputes,
    casework,
    evidence,
    personal,
    notices,
    ledgers,
    tasks,
    operations,
    figures,
    failings,
    scores,
    replays,
    agreements,
    areas,
    catalogues,
    duty,
    units,
    positions,
    session,
    accounts,
    webhooks,
)

LOCAL_HOSTS = ("127.0.0.1", "localhost")

REFRESH_S = 2.0  # how soon every process answers with a newly activated release


def create_app(
    service_url: str,
    data: DataSettings,
    *,
    hosts: Sequence[str] = LOCAL_HOSTS,
    people: AccountSettings | None = None,
    demonstration: bool = False,
    files: Path = PROJECT / ".gridmap" / "files",
    clock: Clock = REAL,
    private_webhooks: bool = False,
) -> FastAPI:
    """Return the application over one database; it connects when it starts.

    ``hosts`` are the names it answers to. A page of another site that lets its own name point
    at this machine (DNS rebinding) is refused. With ``demonstration`` everybody who reaches it
    may sign in as one of its demonstration accounts. ``files`` is the folder of evidence, ``clock``
    says what time it is, ``private_webhooks`` lets webhooks lead into private networks.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = engine_at(service_url)
        holder = ReferenceHolder(data)
        await holder.refresh(engine)
        app.state.engine, app.state.reference = engine, holder
        app.state.files = Files(files)
        app.state.clock = clock
        app.state.private_webhooks = private_webhooks
        app.state.door = door(people or AccountSettings(), demonstration=demonstration)
        following = asyncio.create_task(_follow(holder, engine))
        try:
            yield
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            await engine.dispose()

    app = FastAPI(
        title="gridmap",
        version=gridmap.__version__,
        summary="Whose place is it, who leads, who has to come",
        lifespan=lifespan,
        docs_url=None,  # the built-in page loads from a CDN; ours is in `pages`
        redoc_url=None,
    )
    errors.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(BodyLimit)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(SecureHeaders)
    own = APIRouter(prefix="/api/v1", responses=RESPONSES, dependencies=[Depends(own_pages_only)])
    for part in _PARTS:
        own.include_router(part.router)
    app.include_router(own)
    app.include_router(health.router, responses=RESPONSES)
    pages.mount(app)
    description.install(app)
    return app


async def _follow(holder: ReferenceHolder, engine: Engine) -> None:
    """Swap the reference soon after another release is activated; a lost database is waited for."""
    while True:
        await asyncio.sleep(REFRESH_S)
        try:
            if await holder.refresh(engine):
                logger.warning("%s answers now", holder.said())
        except Exception:
            logger.warning("cannot follow the release and directory", exc_info=True)
