"""Accounts made directly in a database, with passwords that cost nothing to check."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg

from api.services.passwords import Passwords
from api.settings import AccountSettings
from gridmap.dispatch.actor import Actor, Grant, Role
from tests.service import QUICK, psycopg_url

PASSWORD = "a sentence that every test knows"
CITY, TOY_CITY = "110000", "990000"
HASH = Passwords(AccountSettings(**QUICK)).hashed(PASSWORD)


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in, as the tests know them."""

    login: str
    account: UUID
    grants: tuple[Grant, ...]
    password: str = PASSWORD

    @property
    def id(self) -> str:
        return str(self.account)

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.grants)


def person(
    database_url: str, *grants: Grant, login: str | None = None, name: str = "测试员", **values
) -> Person:
    """Make an account that holds grants, and return who it is; ``values`` are more columns."""
    account = uuid4()
    made = Person(login or f"test-{account}", account, grants)
    row = {"id": account, "login": made.login, "name": name, "password_hash": HASH} | values
    with psycopg.connect(psycopg_url(database_url)) as connection:
        columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        connection.execute(
            f"INSERT INTO gridmap.accounts ({columns}) VALUES ({marks})", list(row.values())
        )
        for grant in grants:
            connection.execute(
                "INSERT INTO gridmap.grants (id, account_id, role, area_code, unit_id, granted_by)"
                " VALUES (%s, %s, %s, %s, %s, 'test')",
                [uuid4(), account, grant.role.value, grant.area_code, grant.unit],
            )
    return made


def commander(database_url: str, city: str = CITY) -> Person:
    """Make somebody who sees every case of a city."""
    return person(database_url, Grant(Role.COMMAND, city), name="市指挥中心 测试员")
