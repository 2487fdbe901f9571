"""What the commands on tables have in common: how they end, and what they say of the rows."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from gridmap.tables.table import STANDARD, Refused
from gridmap.tally import SHOWN, Tally

_WIDTH = 60  # characters of a refused value

_BROKEN_PIPE = 141  # what a shell reports for a command whose reader has gone (128 + SIGPIPE)


@contextmanager
def unread() -> Iterator[None]:
    """End quietly when nobody reads the standard output any more, as in ``| head``."""
    try:
        yield
    except BrokenPipeError:
        # At its end Python would flush once more, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_BROKEN_PIPE) from None


def tell(tally: Tally, out: str, *, refused: Path | None, index_s: float, as_json: bool) -> None:
    """Say what became of the rows, and leave with 1 where some were refused."""
    told = _document(tally, index_s) if as_json else _words(tally, refused)
    typer.echo(told, err=out == STANDARD)
    raise typer.Exit(1 if tally.refused else 0)


def _document(tally: Tally, index_s: float) -> str:
    return json.dumps(tally.as_dict() | {"index_s": index_s}, ensure_ascii=False, indent=2)


def _words(tally: Tally, refused: Path | None) -> str:
    counts = (
        f"{tally.rows:,} rows: {tally.located:,} located, {tally.gaps:,} in gaps, "
        f"{tally.outside:,} outside, {tally.refused:,} refused"
    )
    lines = [counts]
    if tally.swapped:
        lines.append(
            f"{tally.swapped:,} of those outside would be inside with x and y exchanged: "
            "longitude or easting comes first (--x, --y)"
        )
    lines += [refusal(one) for one in tally.shown]
    if tally.refused > len(tally.shown):
        where = f"see {refused}" if refused else "--refused FILE writes all"
        lines.append(f"... and {tally.refused - len(tally.shown):,} more rows; {where}")
    return "\n".join(lines)


def refusals(refused: Sequence[Refused]) -> Iterator[str]:
    """Yield in words which rows are refused and why: the first ones, and how many more."""
    for one in refused[:SHOWN]:
        yield refusal(one)
    if len(refused) > SHOWN:
        yield f"... and {len(refused) - SHOWN:,} more rows; --json has all"


def refusal(one: Refused) -> str:
    """Say in one line which row is refused and why."""
    where = ", ".join(filter(None, (one.table, f"row {one.row}", one.column)))
    value = one.value if len(one.value) <= _WIDTH else f"{one.value[:_WIDTH]}..."
    return f"{where}: {value!r}: {one.why}"
