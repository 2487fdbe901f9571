"""People on the wire: who is signed in, who may sign in, what they are granted."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.resolutions import AreaOut, UnitOut
from api.schemas.values import Code, Name, Wire, storable
from gridmap.dispatch.actor import Grant, Role

# Longer than a password may be, so that the refusal is the named one.
Password = Annotated[
    str, AfterValidator(storable), StringConstraints(min_length=1, max_length=2_000)
]
# Only what a mail server could take: whether somebody reads it nobody knows before a mail arrives.
Email = Annotated[str, StringConstraints(pattern=r"^[!-~]+@[!-?A-~]+$", max_length=254)]


class SignInIn(Wire):
    login: Name
    password: Password


class DemonstrationIn(Wire):
    account: UUID


class GrantOut(Wire):
    """A role over an area and all below it; for a unit, where one is acted for."""

    id: UUID | None = Field(default=None, description="of the grant, for administrators")
    role: Role
    area_code: str
    area: AreaOut | None = Field(description="null when the release that answers lacks the area")
    unit: UnitOut | None


class PersonOut(Wire):
    id: UUID
    login: str
    name: str
    demonstration: bool


class SessionOut(Wire):
    """Who is signed in; ``account`` is null when nobody is."""

    account: PersonOut | None
    grants: tuple[GrantOut, ...]
    expires_at: datetime | None
    demonstration: bool = Field(description="demonstration accounts may sign in here")


class DemonstrationAccount(Wire):
    id: UUID
    name: str
    grants: tuple[GrantOut, ...]


class DemonstrationList(Wire):
    accounts: tuple[DemonstrationAccount, ...]


class GrantIn(Wire):
    role: Role
    area_code: Code
    unit: Name | None = None

    def grant(self) -> Grant:
        return Grant(self.role, self.area_code, self.unit)


class AccountIn(Wire):
    """A new account with what it is granted: at least one, inside the administrator's area."""

    login: Name
    name: Name
    password: Password
    email: Email | None = None
    grants: Annotated[tuple[GrantIn, ...], Field(min_length=1, max_length=50)]


class AccountChangeIn(Wire):
    """What is to change; what is absent stays."""

    name: Name | None = None
    email: Email | Literal[""] | None = Field(default=None, description="empty: none any more")
    password: Password | None = None
    disabled: bool | None = None


class AccountOut(Wire):
    id: UUID
    login: str | None
    name: str
    email: str | None
    demonstration: bool
    created_at: datetime
    disabled_at: datetime | None
    erased_at: datetime | None
    grants: tuple[GrantOut, ...]


class AccountList(Wire):
    accounts: tuple[AccountOut, ...]
