"""Whether the record is what it was: every chain, every text under its digest, every anchor.

What can be found is a change of anything that stands in a chain, by whoever may write to the
database: an event changed, removed or added, a text changed, a case removed that was anchored.
Who rewrites a case from its event on to its head, and every anchor from then on, changes all
hashes of the anchors that follow; the worker's log has those.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from api.store import anchors, audit
from api.store.anchors import Anchor
from api.store.audit import StoredCase, StoredEvent
from api.store.engine import Connection, Engine, snapshot, transaction
from gridmap.dispatch.actor import SYSTEM
from gridmap.dispatch.chain import GENESIS, anchor, link, texts_digest

_BATCH = 500
_ANCHORED = 10_000  # heads in one anchor

Progress = Callable[[int, int], None]  # how many cases of how many are done


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was: in a case (its number, else its id) or in an anchor."""

    what: str
    case: str | None = None
    seq: int | None = None
    anchor: int | None = None

    def __str__(self) -> str:
        if self.anchor is not None and self.case is None:
            return f"anchor {self.anchor}: {self.what}"
        where = f"case {self.case}" + (f", event {self.seq}" if self.seq is not None else "")
        return f"{where}: {self.what}"


@dataclass
class Audit:
    """What was checked, and what was found."""

    cases: int = 0
    events: int = 0
    erased: int = 0  # events whose texts were erased, which is no fault
    anchors: int = 0
    unanchored: int = 0  # cases that changed since they were anchored last
    faults: list[Fault] = field(default_factory=list)


async def anchor_changes(engine: Engine, *, now: datetime) -> list[Anchor]:
    """Anchor all cases that changed since they were anchored; returns the new anchors."""
    made: list[Anchor] = []
    while True:
        async with transaction(engine, SYSTEM) as connection:
            one = await anchors.add(connection, now=now, limit=_ANCHORED)
        if one is None:
            return made
        made.append(one)
        if len(one.heads) < _ANCHORED:
            return made


async def verify(engine: Engine, progress: Progress) -> Audit:
    """Check everything as it stands at one instant; people may go on working."""
    found = Audit()
    async with snapshot(engine, SYSTEM) as connection:
        await _verify_anchors(connection, found)
        total = await audit.count(connection)
        last = UUID(int=0)
        while wanted := await audit.ids(connection, after=last, limit=_BATCH):
            for one in await audit.stored(connection, wanted):
                found.cases += one.number is not None
                found.events += len(one.events)
                found.erased += sum(event.is_erased for event in one.events)
                found.unanchored += one.anchored != one.version
                found.faults += faults(one)
            last = wanted[-1]
            progress(found.cases, total)
    return found


async def _verify_anchors(connection: Connection, found: Audit) -> None:
    previous: bytes | None = GENESIS
    expected = 1
    async for one in anchors.in_order(connection):
        if one.seq != expected:
            found.faults += [Fault("it is missing", anchor=n) for n in range(expected, one.seq)]
            previous = None  # what came before is not known any more
        if previous is not None and anchor(previous, one.heads) != one.hash:
            found.faults.append(Fault("it is not what was anchored", anchor=one.seq))
        previous, expected = one.hash, one.seq + 1
        found.anchors += 1


def faults(case: StoredCase) -> list[Fault]:
    """Return what is not as it was in one case, event by event."""
    name = case.number or str(case.id)
    if case.number is None and not case.events:
        last = case.anchors[-1]
        return [Fault(f"it is gone, and anchor {last[0]} has {last[1]} events of it", name)]
    found = [] if case.number else [Fault("its row is gone, and its events are there", name)]
    found += [Fault(what, name, seq) for seq, what in sorted(_events(case))]
    return found


def _events(case: StoredCase) -> Iterator[tuple[int, str]]:
    hashes = {one.seq: one.hash for one in case.events}
    held = {version: number for number, version, _ in case.anchors}
    # An event that is in no chain any more still counts where the case or an anchor knows of it.
    last = case.version if case.number else max(hashes)
    for seq in range(1, max(last, *held, 0) + 1):
        if seq not in hashes and (seq <= max(hashes, default=0) or seq <= last or seq in held):
            yield seq, "it is missing"
    for one in case.events:
        if case.number and not 1 <= one.seq <= last:
            yield one.seq, f"it was added; the case has {last} events"
        elif what := _changed(case, one, hashes):
            yield one.seq, what
    if case.number and hashes.get(last, case.head) != case.head:
        yield last, "the case's head is another one"
    for number, version, head in case.anchors:
        if hashes.get(version, head) != head:
            yield version, f"anchor {number} has it otherwise"
    if case.anchored and case.anchored not in held:
        yield case.anchored, "it was anchored, and no anchor has it"


def _changed(case: StoredCase, one: StoredEvent, hashes: Mapping[int, bytes]) -> str | None:
    """What is wrong with an event on top of the one before it, as that stands there."""
    if one.event is None:
        return "it is not what was written: no event has such words"
    previous = GENESIS if one.seq == 1 else hashes.get(one.seq - 1)
    if previous is not None:
        linked = link(previous, case=str(case.id), seq=one.seq, event=one.event, texts=one.digest)
        if linked != one.hash:
            return "it is not what was written"
    if one.digest and not one.is_erased:
        if one.texts is None or one.salt is None:
            return "its texts are gone, and nobody erased them"
        if texts_digest(one.texts, one.salt) != one.digest:
            return "its texts are not what was written"
    return None
