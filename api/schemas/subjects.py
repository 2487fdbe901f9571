"""The journal on the wire: what ledgers, tasks, operations and the like lived through."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from api.schemas.values import Wire
from gridmap.dispatch.actor import Role
from gridmap.dispatch.journal import Entry, EntryKind


class EntryOut(Wire):
    seq: int
    kind: EntryKind
    at: datetime
    actor: str = Field(description="the account")
    role: Role | None
    unit: str | None
    data: dict[str, Any]
    texts: dict[str, str] = Field(description="what was written; empty when it was erased")


class EntryListOut(Wire):
    entries: tuple[EntryOut, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry], seen: Collection[str] = frozenset()) -> "EntryListOut":
        """Return the entries; of cases that are not ``seen`` the numbers are left out."""
        return cls(
            entries=tuple(
                EntryOut(
                    seq=seq,
                    kind=one.kind,
                    at=one.at,
                    actor=one.by.account,
                    role=one.by.role,
                    unit=one.by.unit,
                    data=_without_unseen(one.data, seen),
                    texts=dict(one.texts),
                )
                for seq, one in enumerate(entries, start=1)
            )
        )


def _without_unseen(data: Mapping[str, Any], seen: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != "case" or value in seen}


def case_numbers(entries: Iterable[Entry]) -> set[str]:
    """Return the numbers of the cases that entries name."""
    return {one.data["case"] for one in entries if one.data.get("case")}
