"""Who acts: a person or machine with roles, each over an area or on behalf of a unit."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may be in the city's grid; every grant of one names where it holds."""

    INSPECTOR = "inspector"  # 网格员
    STEWARD = "steward"  # 小巷管家
    GRID_CHIEF = "grid_chief"  # 网格长
    LANE_CHIEF = "lane_chief"  # 街巷长
    COMMUNITY = "community"  # 社区、村
    HALL = "hall"  # 议事厅
    VOLUNTEER = "volunteer"  # 志愿者
    CONVENER = "convener"  # 街道、乡镇召集人
    DEPARTMENT = "department"  # 部门
    COMMAND = "command"  # 指挥中心
    JOINT_TEAM = "joint_team"  # 边界协同
    SUPERVISOR = "supervisor"  # 督查
    OUTSIDE_PARTY = "outside_party"  # 社会单位
    ADMINISTRATOR = "administrator"  # 管理员


# Who sees a case only as a party to it, wherever it is; everybody else sees their area's cases.
PARTY_ONLY = frozenset({Role.DEPARTMENT, Role.VOLUNTEER, Role.OUTSIDE_PARTY})


@dataclass(frozen=True)
class Grant:
    """One role of somebody, over an area and all below it; for a unit, where one is acted for."""

    role: Role
    area_code: str
    unit: str | None = None


@dataclass(frozen=True)
class Actor:
    """Who asks or acts. ``account`` is opaque: names are kept apart, so that they can be erased."""

    account: str
    grants: tuple[Grant, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """What opens a case to this actor, if its audience names one of them.

        ``account:<id>`` for oneself, ``unit:<id>`` for every unit one acts for, ``area:<code>``
        for every area one has a role over that sees all of its cases. The service itself has
        the key that opens everything, who has not signed in none at all.
        """
        if self == SYSTEM:
            return frozenset({EVERYTHING})
        if self == ANONYMOUS:
            return frozenset()
        own = {account_key(self.account)}
        units = {unit_key(grant.unit) for grant in self.grants if grant.unit}
        areas = {area_key(grant.area_code) for grant in self.grants if grant.role not in PARTY_ONLY}
        return frozenset(own | units | areas)


def account_key(account: str) -> str:
    return f"account:{account}"


def unit_key(unit: str) -> str:
    return f"unit:{unit}"


def area_key(code: str) -> str:
    return f"area:{code}"


EVERYTHING = "*"  # the key that opens every case

# Who has not signed in: may ask what is public, and sees no case.
ANONYMOUS = Actor("anonymous")

# The service itself: clocks that run out, rules that whistle by themselves.
SYSTEM = Actor("system")
