"""``python -m api accounts``: who may sign in, as what; for who owns the machine."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from api.services import accounts, loading
from api.services.accounts import Administrator
from api.services.errors import UnknownGrantError
from api.services.passwords import Passwords
from api.settings import PROJECT, AccountSettings, DatabaseSettings
from api.store import migrate
from api.store.accounts import Account
from api.store.engine import Engine, engine_at
from api.store.server import server_of
from gridmap.dispatch.actor import Grant, Role

Result = TypeVar("Result")
Work = Callable[[Engine, Administrator], Awaitable[Result]]

app = typer.Typer(no_args_is_help=True, help=__doc__)

Login = Annotated[str, typer.Argument(help="what the person signs in with")]
AsRole = Annotated[Role, typer.Option("--role", help="as what")]
OverArea = Annotated[str, typer.Option("--area", help="over which area, with all below it: a code")]
ForUnit = Annotated[str | None, typer.Option("--unit", help="for which unit of the directory")]


@app.command()
def add(
    login: Login,
    *,
    name: Annotated[str, typer.Option(help="what the person is called")],
    role: AsRole,
    area: OverArea,
    unit: ForUnit = None,
) -> None:
    """Make an account; asks for the password, or reads one line of it from a pipe."""
    password, hashed = _password(), Passwords(AccountSettings()).hashed

    async def work(engine: Engine, by: Administrator) -> Account:
        return await accounts.add(
            engine,
            by,
            login=login,
            name=name,
            password=password,
            grants=(Grant(role, area, unit),),
            hashed=hashed,
        )

    made = _done(work)
    _say(f"{made.login} is account {made.id}, {role} over {area}")


@app.command()
def grant(login: Login, *, role: AsRole, area: OverArea, unit: ForUnit = None) -> None:
    """Give an account one more role."""
    given = Grant(role, area, unit)

    async def work(engine: Engine, by: Administrator) -> Account:
        account = await accounts.of_login(engine, login)
        return await accounts.grant(engine, by, account.id, given)

    _say(f"{_done(work).login} is {role} over {area}")


@app.command()
def revoke(login: Login, *, role: AsRole, area: OverArea, unit: ForUnit = None) -> None:
    """Take a role away; that it was held stays known."""
    taken = Grant(role, area, unit)

    async def work(engine: Engine, by: Administrator) -> Account:
        account = await accounts.of_login(engine, login)
        held = next((one for one in account.grants if one.grant == taken), None)
        if held is None:
            raise UnknownGrantError(account=login, grant=f"{role} over {area}")
        return await accounts.revoke(engine, by, account.id, held.id, now=_now())

    _say(f"{_done(work).login} is no longer {role} over {area}")


@app.command()
def password(login: Login) -> None:
    """Set a new password; all sessions of the account end."""
    new, hashed = _password(), Passwords(AccountSettings()).hashed

    async def work(engine: Engine, by: Administrator) -> Account:
        account = await accounts.of_login(engine, login)
        return await accounts.change(
            engine, by, account.id, now=_now(), password=new, hashed=hashed
        )

    _say(f"{_done(work).login} has a new password and is signed out everywhere")


@app.command()
def disable(
    login: Login, *, undo: Annotated[bool, typer.Option(help="let the account in again")] = False
) -> None:
    """Keep an account out; all its sessions end."""

    async def work(engine: Engine, by: Administrator) -> Account:
        account = await accounts.of_login(engine, login)
        hashed = Passwords(AccountSettings()).hashed
        return await accounts.change(
            engine, by, account.id, now=_now(), disabled=not undo, hashed=hashed
        )

    _say(f"{_done(work).login} {'may sign in' if undo else 'is disabled'}")


@app.command()
def erase(
    login: Login,
    *,
    commit: Annotated[bool, typer.Option(help="write; without it nothing is")] = False,
) -> None:
    """Erase login, name and password for good; a dry run unless --commit.

    The account's id stays, because records name it; they show 已注销.
    """

    async def work(engine: Engine, by: Administrator) -> Account:
        account = await accounts.of_login(engine, login)
        if commit:
            await accounts.erase(engine, by, account.id, now=_now())
        return account

    account = _done(work)
    if commit:
        _say(f"account {account.id} is erased")
    else:
        _say(f"account {account.id} ({account.name}) can be erased; say --commit to do it")


@app.command(name="list")
def list_() -> None:
    """Show all accounts and what they are granted."""
    table = Table("login", "name", "state", "granted", box=None)
    for one in _done(accounts.listed):
        table.add_row(one.login or "", one.name, _state(one), "\n".join(map(_worded, _held(one))))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _held(account: Account) -> list[Grant]:
    return [held.grant for held in account.grants]


def _worded(grant: Grant) -> str:
    return f"{grant.role} {grant.area_code}{f' for {grant.unit}' if grant.unit else ''}"


def _state(account: Account) -> str:
    if account.erased_at:
        return "erased"
    if account.disabled_at:
        return "disabled"
    return "demonstration" if account.demonstration else ""


def _password() -> str:
    """Ask twice at a terminal; from a pipe one line is the password."""
    if sys.stdin.isatty():
        return str(typer.prompt("password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _done(work: Work[Result]) -> Result:
    """Do a piece of work as the service itself, over the areas and units that answer now."""
    server = server_of(PROJECT, DatabaseSettings())

    async def run() -> Result:
        engine = engine_at(server.urls().service)
        try:
            return await work(engine, await loading.owner(engine))
        finally:
            await engine.dispose()

    with server.held():
        server.create_database()
        migrate.require_head(server.urls().owner)
        return asyncio.run(run())


def _now() -> datetime:
    return datetime.now(UTC)


def _say(text: str) -> None:
    typer.echo(f"gridmap: {text}")
