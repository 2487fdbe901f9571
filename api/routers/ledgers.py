"""Ledgers (台账): lists of targets that are struck off as their cases close."""

from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, status

from api.deps import SignedInHere, signed_in
from api.schemas.ledgers import (
    CaseNumberIn,
    ImportOut,
    LedgerIn,
    LedgerLineOut,
    LedgerListOut,
    LedgerOut,
    PutBackIn,
    StrikeIn,
    TargetsIn,
)
from api.schemas.subjects import EntryListOut, case_numbers
from api.services import bookkeeping, books
from api.services.bookkeeping import Imported
from api.services.books import LEDGERS
from api.services.errors import UnsupportedMediaTypeError
from api.services.linking import of_ledger
from api.services.turn import Turn
from api.store import ledgers
from api.store.engine import reading
from gridmap import target_files
from gridmap.dispatch.ledger import Ledger, Target
from gridmap.dispatch.mandates import Deed, may
from gridmap.dispatch.subject_refusals import TargetTableError

router = APIRouter(prefix="/ledgers", tags=["ledgers"], dependencies=[Depends(signed_in)])

_DEEDS = (Deed.ADD_TARGETS, Deed.LINK_CASE, Deed.STRIKE_OFF, Deed.PUT_BACK)
_READERS = {
    "text/csv": target_files.read_csv,
    "application/geo+json": target_files.read_geojson,
}
Commit = Annotated[bool, Query(description="write; without it nothing is")]


@router.get("")
async def list_ledgers(
    here: SignedInHere,
    operation: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> LedgerListOut:
    """List the ledgers that whoever asks sees, those that end first first."""
    async with reading(here.engine, here.actor) as connection:
        lines = await ledgers.listed(connection, limit=limit, operation=operation)
    return LedgerListOut(ledgers=tuple(LedgerLineOut(**vars(one)) for one in lines))


@router.post("", status_code=status.HTTP_201_CREATED)
async def open_ledger(given: LedgerIn, here: SignedInHere) -> LedgerOut:
    """Open a ledger for a unit that one acts for, or of one's area."""
    return await _out(await bookkeeping.open_ledger(here, given.head()), here)


@router.get("/{ledger_id}")
async def read_ledger(ledger_id: UUID, here: SignedInHere) -> LedgerOut:
    """Return a ledger with all its targets."""
    one, _ = await books.read(here, LEDGERS, ledger_id)
    return await _out(one, here)


@router.get("/{ledger_id}/entries")
async def read_ledger_entries(ledger_id: UUID, here: SignedInHere) -> EntryListOut:
    """Return everything that happened to a ledger, in order."""
    _, entries = await books.read(here, LEDGERS, ledger_id)
    return EntryListOut.of(entries, await books.seen(here, case_numbers(entries)))


@router.post("/{ledger_id}/targets")
async def add_targets(ledger_id: UUID, given: TargetsIn, here: SignedInHere) -> LedgerOut:
    """Put targets on a ledger, all or none."""

    def targets() -> list[Target]:
        return [one.target() for one in given.targets]

    found = await to_thread.run_sync(targets)
    done = await bookkeeping.add_targets(here, ledger_id, found, commit=True)
    return await _out(done.ledger, here)


@router.post(
    "/{ledger_id}/targets/import",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "string"}} for kind in _READERS},
        }
    },
)
async def import_targets(
    ledger_id: UUID, request: Request, here: SignedInHere, *, commit: Commit = False
) -> ImportOut:
    """Read targets from CSV or GeoJSON; a dry run that writes nothing unless ``commit``."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in _READERS:
        raise UnsupportedMediaTypeError(given=media_type)
    try:
        text = (await request.body()).decode("utf-8")
    except UnicodeDecodeError as error:
        raise TargetTableError("targets", "file", "", f"it is not UTF-8: {error}") from error
    found = await to_thread.run_sync(lambda: _READERS[media_type](text, table="targets"))
    done = await bookkeeping.add_targets(here, ledger_id, found, commit=commit)
    return await _imported(done, here)


@router.post("/{ledger_id}/targets/{code}/cases")
async def link_case(
    ledger_id: UUID, code: str, given: CaseNumberIn, here: SignedInHere
) -> LedgerOut:
    """Let a case work on a target: its closing strikes the target off."""
    one = await bookkeeping.link_case(here, ledger_id, code, number=given.number)
    return await _out(one, here)


@router.post("/{ledger_id}/targets/{code}/strike")
async def strike_off(ledger_id: UUID, code: str, given: StrikeIn, here: SignedInHere) -> LedgerOut:
    """Strike a target off by hand (销账), with reason and evidence."""
    one = await bookkeeping.strike_off(
        here, ledger_id, code, reason=given.reason, evidence=given.evidence
    )
    return await _out(one, here)


@router.post("/{ledger_id}/targets/{code}/put-back")
async def put_back(ledger_id: UUID, code: str, given: PutBackIn, here: SignedInHere) -> LedgerOut:
    """Put a target back on its ledger, with a reason."""
    return await _out(await bookkeeping.put_back(here, ledger_id, code, reason=given.reason), here)


async def _out(one: Ledger, here: Turn) -> LedgerOut:
    seen = await books.seen(here, {number for target in one.lines for number in target.cases})
    deeds = tuple(deed for deed in _DEEDS if may(deed, here.actor, of_ledger(one)))
    return LedgerOut.of(one, seen, deeds)


async def _imported(done: Imported, here: Turn) -> ImportOut:
    values: dict[str, Any] = {"committed": done.committed, "added": len(done.targets)}
    return ImportOut(**values, ledger=await _out(done.ledger, here))
