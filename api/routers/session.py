"""Signing in and out, and who is signed in."""

from uuid import UUID

from fastapi import APIRouter, Request, Response, status

from api.deps import COOKIE, CurrentSession, Database, Entrance, MaybeRef, Now, Token
from api.routers.people import granted
from api.schemas.accounts import (
    DemonstrationAccount,
    DemonstrationIn,
    DemonstrationList,
    PersonOut,
    SessionOut,
    SignInIn,
)
from api.services import signing_in
from api.services.errors import NoDemonstrationError
from api.services.signing_in import Door, SignedIn
from api.store import accounts
from api.store.accounts import Account
from api.store.engine import Engine, reading
from api.store.sessions import Session
from gridmap.dispatch.actor import Grant, Role
from gridmap.resolution import Reference

router = APIRouter(tags=["session"])


@router.get("/session")
async def who_am_i(session: CurrentSession, reference: MaybeRef, door: Entrance) -> SessionOut:
    """Say who is signed in, with what they are granted; nobody is an answer, too."""
    return _session(session, reference, door)


@router.post("/session")
async def sign_in(
    given: SignInIn,
    *,
    request: Request,
    response: Response,
    engine: Database,
    reference: MaybeRef,
    door: Entrance,
    old: Token,
    now: Now,
) -> SessionOut:
    """Sign in: the answer sets the session's cookie, and the session there was before ends."""
    done = await signing_in.sign_in(engine, door, given.login, given.password, now=now)
    await _end(engine, old)
    _give(response, request, done, door)
    return _session(done.session, reference, door)


@router.delete("/session", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(engine: Database, token: Token, response: Response) -> None:
    """End the session; nothing happens when there is none."""
    await _end(engine, token)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


@router.get("/session/demonstration")
async def demonstration_accounts(
    engine: Database, reference: MaybeRef, door: Entrance
) -> DemonstrationList:
    """List who one may be in the demonstration (演示账户); 404 where there is none."""
    if not door.demonstration:
        raise NoDemonstrationError
    async with reading(engine) as connection:
        known = await accounts.demonstration(connection)
    return DemonstrationList(
        accounts=tuple(
            DemonstrationAccount(
                id=one.id,
                name=one.name,
                grants=tuple(granted(held.grant, reference) for held in one.grants),
            )
            for one in sorted(known, key=_by_duty)
        )
    )


@router.post("/session/demonstration")
async def sign_in_to_demonstration(
    given: DemonstrationIn,
    *,
    request: Request,
    response: Response,
    engine: Database,
    reference: MaybeRef,
    door: Entrance,
    old: Token,
    now: Now,
) -> SessionOut:
    """Sign in as one of the demonstration, without a password; 404 where there is none."""
    if not door.demonstration:
        raise NoDemonstrationError
    done = await signing_in.sign_in_to_demonstration(engine, door, given.account, now=now)
    await _end(engine, old)
    _give(response, request, done, door)
    return _session(done.session, reference, door)


def _by_duty(account: Account) -> tuple[int, str]:
    """The roles in the order in which a report meets them, then by area."""
    grant = account.grants[0].grant if account.grants else Grant(Role.ADMINISTRATOR, "")
    return list(Role).index(grant.role), grant.area_code


async def _end(engine: Engine, token: str | None) -> None:
    if token:
        await signing_in.sign_out(engine, token)


def _give(response: Response, request: Request, done: SignedIn, door: Door) -> None:
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        COOKIE,
        done.token,
        max_age=int(door.lifetime.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _session(session: Session | None, reference: Reference | None, door: Door) -> SessionOut:
    if session is None:
        return SessionOut(
            account=None, grants=(), expires_at=None, demonstration=door.demonstration
        )
    return SessionOut(
        account=PersonOut(
            id=UUID(session.actor.account),
            login=session.login,
            name=session.name,
            demonstration=session.demonstration,
        ),
        grants=tuple(granted(grant, reference) for grant in session.actor.grants),
        expires_at=session.expires_at,
        demonstration=door.demonstration,
    )
