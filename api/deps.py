"""What handlers ask for, as Annotated aliases."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from fastapi.security import APIKeyCookie

from api.rehearsal import Clock
from api.services import signing_in
from api.services.errors import ForeignOriginError, NoReleaseError, SignInNeededError
from api.services.reference import ReferenceHolder
from api.services.signing_in import Door
from api.services.turn import Turn
from api.store.engine import Engine
from api.store.files import Files
from api.store.sessions import Session
from gridmap.atlas import Atlas
from gridmap.dispatch.actor import ANONYMOUS, Actor
from gridmap.resolution import Reference

COOKIE = "gridmap_session"


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def _reference(request: Request) -> Reference:
    holder: ReferenceHolder = request.app.state.reference
    return holder.current


def _reference_if_any(request: Request) -> Reference | None:
    try:
        return _reference(request)
    except NoReleaseError:
        return None


def _atlas(request: Request) -> Atlas:
    holder: ReferenceHolder = request.app.state.reference
    return holder.atlas


def _holder(request: Request) -> ReferenceHolder:
    holder: ReferenceHolder = request.app.state.reference
    return holder


def _door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


def _now(request: Request) -> datetime:
    clock: Clock = request.app.state.clock
    return clock.now()


def _files(request: Request) -> Files:
    files: Files = request.app.state.files
    return files


Store = Annotated[Files, Depends(_files)]
Database = Annotated[Engine, Depends(_engine)]
Holder = Annotated[ReferenceHolder, Depends(_holder)]
Ref = Annotated[Reference, Depends(_reference)]
MaybeRef = Annotated[Reference | None, Depends(_reference_if_any)]
Sheets = Annotated[Atlas, Depends(_atlas)]
Entrance = Annotated[Door, Depends(_door)]
Now = Annotated[datetime, Depends(_now)]
Token = Annotated[
    str | None,
    Depends(APIKeyCookie(name=COOKIE, scheme_name="session", auto_error=False)),
]


async def _session(
    engine: Database, door: Entrance, token: Token, now: Now, response: Response
) -> Session | None:
    # What depends on who asks is no cache's to keep, the browser's after signing out included.
    response.headers["Cache-Control"] = "no-store"
    if not token:
        return None
    return await signing_in.session_of(engine, door, token, now=now)


CurrentSession = Annotated[Session | None, Depends(_session)]


def _who(session: CurrentSession) -> Actor:
    return session.actor if session else ANONYMOUS


# Who asks: `ANONYMOUS`, whom no key opens a case, where nobody has signed in.
Who = Annotated[Actor, Depends(_who)]


def signed_in(who: Who) -> Actor:
    """Return who asks; refused when nobody has signed in."""
    if who == ANONYMOUS:
        raise SignInNeededError
    return who


SignedIn = Annotated[Actor, Depends(signed_in)]


def _turn(engine: Database, reference: Ref, who: Who, now: Now) -> Turn:
    return Turn(engine, reference, who, now)


def _own_turn(engine: Database, reference: Ref, who: SignedIn, now: Now) -> Turn:
    return Turn(engine, reference, who, now)


# For everybody, and for who is signed in.
Here = Annotated[Turn, Depends(_turn)]
SignedInHere = Annotated[Turn, Depends(_own_turn)]

_READS = {"GET", "HEAD", "OPTIONS"}


def own_pages_only(request: Request) -> None:
    """Refuse a write that another site's page sent: the third wall, behind SameSite and types.

    A browser names the page's origin with every write; programs name none. Only the host is
    compared: a proxy in front may speak another scheme.
    """
    origin = request.headers.get("origin")
    if origin is None or request.method in _READS:
        return
    if urlsplit(origin).netloc != request.headers.get("host"):
        raise ForeignOriginError(origin=origin)
