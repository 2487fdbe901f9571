"""Is the service able to answer."""

from fastapi import APIRouter

import gridmap
from api.deps import Database, Ref
from api.schemas.values import Wire
from api.store.engine import ping

router = APIRouter(tags=["operations"])


class Health(Wire):
    status: str
    version: str
    release: str


@router.get("/healthz")
async def healthz(engine: Database, reference: Ref) -> Health:
    """Answer 200 when the database and a release are there, 503 otherwise."""
    await ping(engine)
    return Health(status="ok", version=gridmap.__version__, release=reference.index.release.id)
