"""Problems, the departments they need, and the whistles that call them: data with legal basis."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from gridmap.dispatch.errors import PolicyDataError, UnknownCategoryError
from gridmap.level import Level

PART = "part"  # the kind of a class of parts (部件); the others are events (事件)


class Severity(StrEnum):
    GENERAL = "general"
    IMPORTANT = "important"
    CRITICAL = "critical"


@dataclass(frozen=True)
class DepartmentKind:
    """What kind of unit: 城管执法, 公安, ... ``government`` is an area's own office.

    ``handed_down_to`` is the kind that holds this one's powers where a street has them itself:
    城管执法 is the street's own 综合执法队 there.
    """

    code: str
    name: str
    name_en: str
    handed_down_to: str | None = None


@dataclass(frozen=True)
class WhistleKind:
    """A kind of whistle with its stage clocks in minutes of real time; ``None``: no clock."""

    code: str
    name: str
    name_en: str
    respond_min: float | None = None
    arrive_min: float | None = None
    finish_min: float | None = None


@dataclass(frozen=True)
class ProblemClass:
    """A class (大类) of events or parts."""

    code: str
    name: str
    name_en: str
    kind: str


@dataclass(frozen=True)
class Item:
    """One problem: who has the power over it, who helps, which whistle calls them.

    ``power_levels`` are the levels at which the power exists. A power the street holds itself
    needs no whistle inside one street.
    """

    code: str
    name: str
    name_en: str
    class_code: str
    lead_kind: str
    assisting_kinds: tuple[str, ...]
    power_levels: tuple[Level, ...]
    whistle_kind: str
    severity: Severity
    legal_basis: str

    @property
    def held_by_street(self) -> bool:
        return Level.STREET in self.power_levels


@dataclass(frozen=True)
class Catalogue:
    """One version of the catalogue; every case keeps the version it was decided with."""

    version: str
    title: str
    sample: bool
    department_kinds: Mapping[str, DepartmentKind]
    whistle_kinds: Mapping[str, WhistleKind]
    classes: Mapping[str, ProblemClass]
    items: Mapping[str, Item]

    def item(self, code: str) -> Item:
        """Return the item of a category code; `UnknownCategoryError` when there is none."""
        if code not in self.items:
            raise UnknownCategoryError(category=code, catalogue=self.version)
        return self.items[code]

    def is_part(self, item: Item) -> bool:
        """Tell whether an item is about a part (部件), something that has an owner."""
        return self.classes[item.class_code].kind == PART

    def kind(self, code: str) -> DepartmentKind:
        """Return a department kind; one that this version has dropped goes by its code."""
        return self.department_kinds.get(code, DepartmentKind(code, code, code))


def catalogue(document: Mapping[str, Any], *, source: str) -> Catalogue:
    """Build a catalogue from a parsed document (TOML or JSON); ``source`` names it in errors.

    Raises
    ------
    PolicyDataError
        A key is missing or unknown, a code stands twice, or a reference leads nowhere.
    """
    kinds = _by_code(DepartmentKind, document.get("department_kinds", ()), source)
    whistles = _by_code(WhistleKind, document.get("whistle_kinds", ()), source)
    classes = _by_code(ProblemClass, document.get("classes", ()), source)
    items = {
        code: _typed(item, source)
        for code, item in _by_code(Item, document.get("items", ()), source).items()
    }
    for kind in kinds.values():
        down = kind.handed_down_to
        where = f"department kind {kind.code}"
        _require(down is None or down in kinds, source, where, f"no department kind {down!r}")
    for item in items.values():
        where = f"item {item.code}"
        for needed in (item.lead_kind, *item.assisting_kinds):
            _require(needed in kinds, source, where, f"no department kind {needed!r}")
        _require(item.whistle_kind in whistles, source, where, f"no whistle {item.whistle_kind!r}")
        _require(item.class_code in classes, source, where, f"no class {item.class_code!r}")
    for key in ("version", "title"):
        _require(bool(document.get(key)), source, key, "it is missing")
    return Catalogue(
        version=document["version"],
        title=document["title"],
        sample=bool(document.get("sample", False)),
        department_kinds=kinds,
        whistle_kinds=whistles,
        classes=classes,
        items=items,
    )


_Row = TypeVar("_Row", DepartmentKind, WhistleKind, ProblemClass, Item)


def _by_code(
    row_type: type[_Row], rows: Iterable[Mapping[str, Any]], source: str
) -> dict[str, _Row]:
    known = {field.name for field in fields(row_type)}
    found: dict[str, _Row] = {}
    for number, row in enumerate(rows, start=1):
        where = f"{row_type.__name__} {row.get('code', f'number {number}')}"
        if unknown := set(row) - known:
            raise PolicyDataError(source, where, f"unknown keys {sorted(unknown)}")
        try:
            entry = row_type(**row)
        except TypeError as error:
            raise PolicyDataError(source, where, str(error)) from error
        _require(entry.code not in found, source, where, "the code stands twice")
        found[entry.code] = entry
    return found


def _typed(item: Item, source: str) -> Item:
    try:
        return Item(
            **{
                **vars(item),
                "assisting_kinds": tuple(item.assisting_kinds),
                "power_levels": tuple(Level(level) for level in item.power_levels),
                "severity": Severity(item.severity),
            }
        )
    except ValueError as error:
        raise PolicyDataError(source, f"item {item.code}", str(error)) from error


def _require(condition: bool, source: str, where: str, why: str) -> None:  # noqa: FBT001 - an assertion's shape
    if not condition:
        raise PolicyDataError(source, where, why)
