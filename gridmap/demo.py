"""Demonstration data, made from a release and labelled as such; never real institutions."""

from collections.abc import Iterator, Mapping
from typing import Any

from gridmap.boundary import Area, Release
from gridmap.dispatch.actor import Role
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.staff import Person, Staff, shift
from gridmap.level import Level

_OFFICES = {"街道": "办事处", "地区": "办事处", "镇": "人民政府", "乡": "人民政府"}


def directory(release: Release, templates: Mapping[str, Any]) -> Iterator[Unit]:
    """Yield a unit for every area of a release and every kind that has a template at its level.

    ``templates`` is the parsed ``data/directory/demonstration.toml``. A unit's id is its kind and
    its area's code.
    """
    for kind in templates["kinds"]:
        for level in (Level.CITY, Level.DISTRICT, Level.STREET, Level.COMMUNITY):
            if level in kind and level in release.layers:
                yield from _units(release, level, kind)


def _units(release: Release, level: Level, kind: Mapping[str, Any]) -> Iterator[Unit]:
    layer = release.layers[level]
    for row in range(len(layer)):
        area = layer.area(row)
        yield Unit(
            id=f"{kind['kind']}-{area.code}",
            name=kind[level].format(area=_full_name(area, release), office=_office(area.name)),
            kind=kind["kind"],
            area_code=area.code,
            can_rule=level in kind.get("rules", ()),
        )


def staff(release: Release, templates: Mapping[str, Any]) -> Iterator[Person]:
    """Yield people with their names for every area of a level that has a ``staff`` template.

    Names say that they are demonstration ones; nobody real is meant. An id is the template's role
    and its area's code.
    """
    for one in templates.get("staff", ()):
        for level in (Level.DISTRICT, Level.STREET, Level.COMMUNITY):
            if level == one["level"] and level in release.layers:
                layer = release.layers[level]
                for row in range(len(layer)):
                    yield _person(one, layer.area(row), release)


def _person(one: Mapping[str, Any], area: Area, release: Release) -> Person:
    person = Staff(
        id=f"{one['id']}-{area.code}",
        unit=f"{one['unit']}-{area.code}",
        roles=tuple(Role(role) for role in one["roles"]),
        areas=(area.code,),
        shifts=tuple(shift(text) for text in one["shifts"]),
    )
    return Person(person, one["name"].format(area=_full_name(area, release)))


def _full_name(area: Area, release: Release) -> str:
    """The name with those above it, from the district on."""
    if area.level.depth <= Level.DISTRICT.depth or area.parent is None:
        return area.name
    return _full_name(release.area(area.parent), release) + area.name


def _office(name: str) -> str:
    """What a street-level government calls itself: 街道办事处, 镇人民政府, else 管理委员会."""
    return next((office for end, office in _OFFICES.items() if name.endswith(end)), "管理委员会")
