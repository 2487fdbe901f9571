"""What changed between two versions of a catalogue."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gridmap.dispatch.catalogue import Catalogue
from gridmap.dispatch.catalogue_document import SECTIONS, document


class CatalogueChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class FieldChange:
    """One key of a row as documents write it; ``None``: not given, the default."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class CatalogueChange:
    """One row that was added, removed or changed; ``name`` is the later one."""

    section: str
    code: str
    name: str
    kind: CatalogueChangeKind
    fields: tuple[FieldChange, ...] = field(default=())

    @property
    def lines(self) -> tuple[str, ...]:
        """The change in words, and one line more for every key."""
        keys = (f"  {one.key}: {_word(one.before)} -> {_word(one.after)}" for one in self.fields)
        return (f"{self.section} {self.code} {self.name}: {self.kind}", *keys)


def _word(value: Any) -> str:
    return "(none)" if value is None else json.dumps(value, ensure_ascii=False)


def difference(before: Catalogue, after: Catalogue) -> tuple[CatalogueChange, ...]:
    """Return what changed, by section and code; the order of rows is no change."""
    old, new = document(before), document(after)
    return tuple(
        change
        for section in SECTIONS
        for change in _changes(
            section.name, _by_code(old.get(section.name, [])), _by_code(new.get(section.name, []))
        )
    )


def _by_code(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in rows}


def _changes(
    section: str, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]
) -> Iterator[CatalogueChange]:
    for code in sorted(old.keys() | new.keys()):
        row = new.get(code) or old[code]
        if code not in old:
            yield CatalogueChange(section, code, row["name"], CatalogueChangeKind.ADDED)
        elif code not in new:
            yield CatalogueChange(section, code, row["name"], CatalogueChangeKind.REMOVED)
        elif fields := _fields(old[code], new[code]):
            kind = CatalogueChangeKind.CHANGED
            yield CatalogueChange(section, code, row["name"], kind, fields)


def _fields(old: dict[str, Any], new: dict[str, Any]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(key, old.get(key), new.get(key))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    )
