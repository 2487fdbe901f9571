"""What changed between two registers: of units, of staff."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeVar

from gridmap.dispatch.directory import Unit
from gridmap.dispatch.staff import Staff

Entry = TypeVar("Entry", Unit, Staff)


class EntryChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class EntryChange:
    """One unit or person, by id; ``details`` say what of it is another, in words."""

    id: str
    name: str
    kind: EntryChangeKind
    details: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The change in words, and one line more for every detail."""
        return (f"{self.id} {self.name}: {self.kind}", *(f"  {one}" for one in self.details))


def unit_changes(before: Iterable[Unit], after: Iterable[Unit]) -> tuple[EntryChange, ...]:
    """Return which units were added, removed or changed, by id."""
    old, new = _by_id(before), _by_id(after)
    names = {id_: one.name for id_, one in (old | new).items()}
    return tuple(_changes(old, new, names))


def staff_changes(
    before: Iterable[Staff], after: Iterable[Staff], names: Mapping[str, str]
) -> tuple[EntryChange, ...]:
    """Do the same for people, who are called by ``names`` where these have them."""
    return tuple(_changes(_by_id(before), _by_id(after), names))


def _by_id(entries: Iterable[Entry]) -> dict[str, Entry]:
    return {one.id: one for one in entries}


def _changes(
    old: Mapping[str, Entry],
    new: Mapping[str, Entry],
    names: Mapping[str, str],
) -> Iterator[EntryChange]:
    for id_ in sorted(old.keys() | new.keys()):
        name = names.get(id_, "")
        if id_ not in old:
            yield EntryChange(id_, name, EntryChangeKind.ADDED)
        elif id_ not in new:
            yield EntryChange(id_, name, EntryChangeKind.REMOVED)
        elif details := tuple(_details(old[id_], new[id_])):
            yield EntryChange(id_, name, EntryChangeKind.CHANGED, details)


def _details(old: Entry, new: Entry) -> Iterator[str]:
    for one in fields(old):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if before != after:
            yield f"{one.name}: {_word(before)} -> {_word(after)}"


def _word(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(str(part) for part in value) or "(none)"
    return str(value)
