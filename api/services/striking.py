"""What the end of a case does to ledgers, in the same transaction: 销账, or put back."""

from uuid import UUID

from api.services import books
from api.services.books import LEDGERS
from api.store import ledgers
from api.store.engine import Connection, as_service
from gridmap.dispatch import ledger
from gridmap.dispatch.event import Event, EventKind
from gridmap.dispatch.record import CaseRecord

_TELLING = frozenset({EventKind.CLOSED, EventKind.REOPENED, EventKind.MERGED})


async def follow(
    connection: Connection, record: CaseRecord, event: Event, *, merged_into: UUID | None
) -> None:
    """Strike a case's targets off when it closes, put them back when it is reopened.

    A merged case leaves its targets to the one that goes on. Whether or not who took the step
    sees the ledger: the entry bears the signature of the case's event.
    """
    if event.kind not in _TELLING:
        return
    async with as_service(connection):
        for ledger_id, code in await ledgers.targets_of(connection, record.id):
            if event.kind is EventKind.MERGED and merged_into:
                await _hand_on(connection, ledger_id, code, merged_into, event)
            else:
                await _strike(connection, ledger_id, code, record.case.number, event)


async def _strike(
    connection: Connection, ledger_id: UUID, code: str, case: str, event: Event
) -> None:
    page = await books.locked(connection, LEDGERS, ledger_id, event.at)
    struck = page.state.target(code).strike
    by, now = event.by, page.now
    if event.kind is EventKind.CLOSED and struck is None:
        entry = ledger.strike_off(page.state, code, case=case, by=by, now=now)
    elif event.kind is EventKind.REOPENED and struck and struck.case == case:
        entry = ledger.put_back(page.state, code, case=case, by=by, now=now)
    else:
        return
    await books.append(connection, page, entry)


async def _hand_on(
    connection: Connection, ledger_id: UUID, code: str, into: UUID, event: Event
) -> None:
    page = await books.locked(connection, LEDGERS, ledger_id, event.at)
    number = await ledgers.number_of(connection, into)
    target = page.state.target(code)
    if target.strike or number in target.cases:
        return
    entry = ledger.link_case(page.state, code, number, by=event.by, now=page.now)
    await books.append(connection, page, entry)
    await ledgers.link(connection, ledger_id, code, into)
