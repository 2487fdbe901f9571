"""``python -m api replay``: past cases decided again, and who would gain work."""

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from api.commands.agreements import read_agreements
from api.commands.console import on_the_database, say
from api.schemas.replays import BalanceOut, ReplayOut
from api.services import policies, replaying
from api.services.reference import ReferenceHolder, read_document
from api.settings import DataSettings
from api.store.engine import Engine
from gridmap import catalogue_files
from gridmap.dispatch.actor import SYSTEM
from gridmap.dispatch.agreements import Agreements
from gridmap.dispatch.errors import PolicyDataError
from gridmap.replay import Balance, Outcome, Replayed
from gridmap.resolution import Reference

SHOWN_AREAS = 20
_CASE_COLUMNS = (
    "number", "opened_at", "changed", "old_lead", "old_rule", "old_assisting",
    "new_lead", "new_rule", "new_assisting", "problem",
)  # fmt: skip
_WORK_COLUMNS = ("code", "name", "gained", "lost", "kept", "assisting_before", "assisting_after")


def replay(
    *,
    policy: Annotated[
        str | None, typer.Option(help="a policy's file, or the version of an imported one")
    ] = None,
    release: Annotated[str | None, typer.Option(help="the id of an imported release")] = None,
    catalogue: Annotated[Path | None, typer.Option(help="a catalogue's TOML file")] = None,
    agreements: Annotated[
        Path | None, typer.Option(help="a GeoJSON of agreements, instead of those of the time")
    ] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the last day")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="every case: a .csv or .jsonl file")] = None,
    summary: Annotated[Path | None, typer.Option(help="who gains work: .csv or .json")] = None,
) -> None:
    """Decide past cases again under something else; writes nothing into the database."""
    _refuse_suffix(out, {".csv", ".jsonl"})
    _refuse_suffix(summary, {".csv", ".json"})

    file = Path(policy) if policy and Path(policy).is_file() else None
    document = read_document(file) if file else None

    async def work(engine: Engine) -> Balance:
        reference = await _variant(engine, policy, document, release)
        if catalogue:
            reference = replace(reference, catalogue=catalogue_files.read(catalogue))
        if agreements:
            reference = replace(reference, agreements=Agreements(read_agreements(agreements)))
        zone = reference.policy.timezone
        start = since.replace(tzinfo=zone) if since else datetime.min.replace(tzinfo=UTC)
        last = until.date() if until else datetime.now(zone).date()
        end = datetime.combine(last + timedelta(days=1), time(), zone)
        with _writing(out) as write:
            return await _added_up(engine, reference, write, since=start, until=end)

    balance = on_the_database(work)
    if summary:
        _write_summary(summary, balance)
    _say_balance(balance)


async def _variant(
    engine: Engine, policy: str | None, document: Mapping[str, Any] | None, release: str | None
) -> Reference:
    """Return the reference that answers now, with another release or policy in its place."""
    holder = ReferenceHolder(DataSettings())
    await holder.refresh(engine)
    reference = holder.current
    if release:
        reference = replace(reference, index=await holder.index_of(engine, release))
    if policy and document is not None:
        known = await policies.stored_policies(engine)
        reference = replace(reference, policy=policies.built(document, known, source=policy))
    elif policy:
        reference = replace(reference, policy=await replaying.policy_of(engine, policy))
    return reference


async def _added_up(
    engine: Engine,
    reference: Reference,
    write: Callable[[Replayed], None],
    *,
    since: datetime,
    until: datetime,
) -> Balance:
    balance = Balance()
    total = await replaying.count(engine, SYSTEM, since=since, until=until)
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("cases", total=total)
        async for batch in replaying.replayed(engine, reference, SYSTEM, since=since, until=until):
            for one in batch:
                write(one)
            balance.add(batch)
            bar.advance(task, len(batch))
    return balance


def _refuse_suffix(file: Path | None, allowed: set[str]) -> None:
    if file and file.suffix not in allowed:
        names = " or ".join(sorted(allowed))
        raise PolicyDataError(str(file), "file", f"it must end in {names}")


@contextmanager
def _writing(out: Path | None) -> Iterator[Callable[[Replayed], None]]:
    """Yield what writes one case into a file, as its name says; without a file nothing is."""
    if out is None:
        yield lambda _: None
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        if out.suffix == ".jsonl":
            yield lambda one: print(ReplayOut.of(one).model_dump_json(), file=file)
            return
        rows = csv.writer(file)
        rows.writerow(_CASE_COLUMNS)
        yield lambda one: rows.writerow(_row(one))


def _row(one: Replayed) -> list[Any]:
    return [
        one.number,
        one.opened_at.isoformat(),
        one.changed,
        *_cells(one.old),
        *(_cells(one.new) if one.new else ("", "", "")),
        one.problem or "",
    ]


def _cells(outcome: Outcome) -> tuple[str, str, str]:
    return outcome.lead.code, outcome.rule, " ".join(area.code for area in outcome.assisting)


def _write_summary(file: Path, balance: Balance) -> None:
    if file.suffix == ".json":
        file.write_text(BalanceOut.of(balance).model_dump_json(indent=2), encoding="utf-8")
        return
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(_WORK_COLUMNS)
        for one in balance.work:
            counts = [getattr(one, column) for column in _WORK_COLUMNS[2:]]
            rows.writerow([one.area.code, one.area.name, *counts])


def _say_balance(balance: Balance) -> None:
    say(
        f"{balance.cases} cases decided again: another area leads in {balance.changed}, "
        f"{balance.undecided} cannot be decided"
    )
    moved = [one for one in balance.work if one.gained or one.lost]
    for one in moved[:SHOWN_AREAS]:
        say(f"{one.area.name}: {one.gained} gained, {one.lost} lost, {one.kept} kept")
    if len(moved) > SHOWN_AREAS:
        say(f"and {len(moved) - SHOWN_AREAS} more; --summary writes all of them")
