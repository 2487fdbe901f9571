"""Ledgers (台账): opened, filled, struck off by hand; their cases do the rest (`striking`)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from api.services import books, linking
from api.services.books import LEDGERS, Page
from api.services.errors import UnknownUnitError
from api.services.linking import of_ledger
from api.services.turn import Turn
from api.store.engine import transaction
from gridmap.dispatch import ledger
from gridmap.dispatch.directory import Unit
from gridmap.dispatch.journal import Entry
from gridmap.dispatch.ledger import Ledger, LedgerHead, Target
from gridmap.dispatch.mandates import Affair, Deed, permit
from gridmap.dispatch.subject_refusals import SubjectValueError


def unit_of(turn: Turn, unit_id: str) -> Unit:
    """Return a unit of the directory; `UnknownUnitError` when there is none."""
    found = turn.reference.directory.find(unit_id)
    if found is None:
        raise UnknownUnitError(unit=unit_id)
    return found


async def open_ledger(turn: Turn, head: LedgerHead) -> Ledger:
    """A unit opens a ledger of a category or class of the catalogue."""
    owner, catalogue = unit_of(turn, head.owner), turn.reference.catalogue
    if head.category:
        catalogue.item(head.category)
    if head.class_code and head.class_code not in catalogue.classes:
        why = f"there is no class {head.class_code!r} in catalogue {catalogue.version}"
        raise SubjectValueError(what="ledger", where="class", why=why)
    head = replace(head, owner_area=owner.area_code)
    by = permit(Deed.OPEN_LEDGER, turn.actor, Affair("ledger", "", head.owner, head.owner_area))
    within = UUID(head.operation) if head.operation else None
    async with transaction(turn.engine, turn.actor) as connection:
        await linking.enter_operation(connection, turn, within)
        entry = ledger.open_ledger(head, by=by, now=turn.now)
        return (await books.begin(connection, LEDGERS, entry, within=within)).state


@dataclass(frozen=True)
class Imported:
    """What an import did, or would do."""

    ledger: Ledger
    targets: tuple[Target, ...]
    committed: bool


async def add_targets(
    turn: Turn, ledger_id: UUID, targets: Sequence[Target], *, commit: bool
) -> Imported:
    """Put targets on a ledger, all or none; a dry run unless ``commit``.

    Raises
    ------
    UnknownAreaError
        A target names an area that the active release does not have.
    """
    release = turn.reference.index.release
    for code in {one.area_code for one in targets}:
        release.area(code)
    async with transaction(turn.engine, turn.actor) as connection:
        page = await books.locked(connection, LEDGERS, ledger_id, turn.now)
        by = permit(Deed.ADD_TARGETS, turn.actor, of_ledger(page.state))
        entry = ledger.add_targets(page.state, targets, by=by, now=page.now)
        after = page.state
        if commit:
            after = (await books.append(connection, page, entry)).state
    return Imported(after, tuple(targets), commit)


async def link_case(turn: Turn, ledger_id: UUID, code: str, *, number: str) -> Ledger:
    """Let a case that is there work on a target."""
    async with transaction(turn.engine, turn.actor) as connection:
        case_id = await linking.id_of(connection, number)
        return await linking.link_target(connection, turn, ledger_id, code, case_id)


async def strike_off(
    turn: Turn, ledger_id: UUID, code: str, *, reason: str, evidence: str
) -> Ledger:
    """Strike a target off by hand, with reason and evidence."""

    def step(page: Page[Ledger]) -> Entry:
        by = permit(Deed.STRIKE_OFF, turn.actor, of_ledger(page.state))
        return ledger.strike_off(
            page.state, code, reason=reason, evidence=evidence, by=by, now=page.now
        )

    return await books.written(turn, LEDGERS, ledger_id, step)


async def put_back(turn: Turn, ledger_id: UUID, code: str, *, reason: str) -> Ledger:
    """Put a target back on its ledger, with a reason."""

    def step(page: Page[Ledger]) -> Entry:
        by = permit(Deed.PUT_BACK, turn.actor, of_ledger(page.state))
        return ledger.put_back(page.state, code, reason=reason, by=by, now=page.now)

    return await books.written(turn, LEDGERS, ledger_id, step)
