"""Accounts, for administrators: each inside their own area."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, status

from api.deps import Entrance, SignedInHere, signed_in
from api.routers.people import granted
from api.schemas.accounts import AccountChangeIn, AccountIn, AccountList, AccountOut, GrantIn
from api.services import accounts
from api.services.accounts import Administrator
from api.store.accounts import Account
from gridmap.resolution import Reference

router = APIRouter(prefix="/accounts", tags=["accounts"], dependencies=[Depends(signed_in)])


def _administrator(here: SignedInHere) -> Administrator:
    return Administrator(here.actor, here.reference.index.release, here.reference.directory)


By = Annotated[Administrator, Depends(_administrator)]


@router.get("")
async def list_accounts(here: SignedInHere, by: By) -> AccountList:
    """List the accounts in the administrator's area."""
    found = await accounts.listed(here.engine, by)
    return AccountList(accounts=tuple(_account(one, by, here.reference) for one in found))


@router.post("", status_code=status.HTTP_201_CREATED)
async def add_account(given: AccountIn, here: SignedInHere, by: By, door: Entrance) -> AccountOut:
    """Make an account with what it is granted; the password is told to its owner by hand."""
    made = await accounts.add(
        here.engine,
        by,
        login=given.login,
        name=given.name,
        email=given.email,
        password=given.password,
        grants=tuple(one.grant() for one in given.grants),
        hashed=door.passwords.hashed,
    )
    return _account(made, by, here.reference)


@router.patch("/{account}")
async def change_account(
    account: UUID, given: AccountChangeIn, here: SignedInHere, by: By, door: Entrance
) -> AccountOut:
    """Change the name, set a new password, disable or enable; the first two may be both."""
    changed = await accounts.change(
        here.engine,
        by,
        account,
        now=here.now,
        hashed=door.passwords.hashed,
        name=given.name,
        email=given.email,
        password=given.password,
        disabled=given.disabled,
    )
    return _account(changed, by, here.reference)


@router.post("/{account}/grants", status_code=status.HTTP_201_CREATED)
async def grant(account: UUID, given: GrantIn, here: SignedInHere, by: By) -> AccountOut:
    """Give an account a role over an area of the administrator's, or below it."""
    changed = await accounts.grant(here.engine, by, account, given.grant())
    return _account(changed, by, here.reference)


@router.delete("/{account}/grants/{grant_id}")
async def revoke(account: UUID, grant_id: UUID, here: SignedInHere, by: By) -> AccountOut:
    """Take a role away; that it was held stays known."""
    changed = await accounts.revoke(here.engine, by, account, grant_id, now=here.now)
    return _account(changed, by, here.reference)


def _account(account: Account, by: Administrator, reference: Reference) -> AccountOut:
    seen = (held for held in account.grants if by.is_over(held.grant.area_code))
    return AccountOut(
        id=account.id,
        login=account.login,
        name=account.name,
        email=account.email,
        demonstration=account.demonstration,
        created_at=account.created_at,
        disabled_at=account.disabled_at,
        erased_at=account.erased_at,
        grants=tuple(granted(held.grant, reference, id=held.id) for held in seen),
    )
