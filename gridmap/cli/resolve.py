"""``gridmap resolve``: whose a place is, or whose the places of a table are."""

import json
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gridmap import stream
from gridmap.attribute import attribute
from gridmap.attribution import Attribution, Part
from gridmap.cli import boundaries, places, tabling
from gridmap.cli.options import (
    LEVEL,
    LEVELS,
    Boundaries,
    Delimiter,
    Json,
    Prefix,
    Refusals,
    TableCrs,
    TableLayer,
    TextCodec,
    X,
    Y,
)
from gridmap.cli.progress import counting
from gridmap.errors import NoLevelError
from gridmap.level import Level
from gridmap.locate import ReleaseIndex
from gridmap.share_columns import Asked
from gridmap.tables.table import Source

_WIDEST = 110  # columns that every row fits into


def resolve(
    where: Annotated[
        str,
        typer.Argument(
            metavar="WHERE",
            help="one place: lng,lat, or a GeoJSON file (- for stdin); or with OUT a table of "
            "points, lines and footprints: CSV, TSV, Parquet, GeoPackage, ...",
        ),
    ],
    out: Annotated[
        str | None,
        typer.Argument(
            metavar="OUT",
            help="the table with the answers; the suffix names the format, - is CSV on stdout",
        ),
    ] = None,
    *,
    boundaries_at: Boundaries,
    crs: TableCrs = None,
    accuracy_m: Annotated[
        str | None,
        typer.Option(
            metavar="METRES",
            help="95 % radius of points in metres; for a table also the column that holds it",
        ),
    ] = None,
    level: Annotated[
        list[Level] | None,
        typer.Option(metavar=LEVEL, help=f"only this one (repeat for several): {LEVELS}"),
    ] = None,
    x: X = None,
    y: Y = None,
    encoding: TextCodec = "utf-8",
    delimiter: Delimiter = None,
    layer: TableLayer = None,
    prefix: Prefix = "",
    refused: Refusals = None,
    as_json: Json = False,
) -> None:
    """Say whose places are: areas with shares or probabilities, and how far the border is.

    One place is told in full, at every level. A table gets columns for each level: code and name
    of the area with the largest part, relation, share or probability, other areas that count,
    distance to the border. It streams; rows with a problem keep their place and say it in the
    column "problem"; exit 1 when there are any.
    """
    begun = time.perf_counter()
    index = ReleaseIndex(boundaries.release(boundaries_at))
    levels = _levels(index, level)
    radius = _number(accuracy_m)
    if out is None:
        if isinstance(radius, str):
            raise typer.BadParameter("a column of accuracies is for tables; name OUT")
        answer = attribute(places.given(where, crs, radius), index)
        _show(answer, levels, as_json=as_json)
        return
    source = Source(where, crs, x, y, encoding, delimiter, layer)
    index_s = time.perf_counter() - begun
    with counting("resolving") as bar, tabling.unread():
        tally = stream.resolve(
            source,
            out,
            index,
            Asked(levels, radius, prefix),
            refusals=str(refused) if refused else None,
            advance=bar.advance,
            opened=lambda opened: bar.expect(opened.total),
        )
    tabling.tell(tally, out, refused=refused, index_s=index_s, as_json=as_json)


def _levels(index: ReleaseIndex, wanted: list[Level] | None) -> tuple[Level, ...]:
    for level in wanted or ():
        if level not in index.layers:
            raise NoLevelError(level=level, release=index.release.id)
    return tuple(one for one in index.release.levels if not wanted or one in wanted)


def _number(text: str | None) -> float | str | None:
    """Return a radius as a number, or the name of the column that holds it."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _show(answer: Attribution, levels: tuple[Level, ...], *, as_json: bool) -> None:
    shown = Attribution(
        answer.release, answer.place, tuple(one for one in answer.levels if one.level in levels)
    )
    if as_json:
        typer.echo(json.dumps(_document(shown), ensure_ascii=False, indent=2))
        return
    console = Console()
    # Codes are the answer: a table is cut for no screen, and a file has no width.
    Console(width=max(console.width, _WIDEST)).print(_table(shown))
    if any(part.probability is not None for level in shown.levels for part in level.parts):
        typer.echo("P: how likely the place lies there; 0.95 where all of the 95 % radius does")


def _table(answer: Attribution) -> Table:
    table = Table(title=answer.release, title_justify="left")
    for heading in ("level", "relation", "area", "code", "part", "to the border"):
        table.add_column(heading, no_wrap=True)
    for level in answer.levels:
        first: tuple[str, str] = (f"{level.level} ({level.basis})", level.relation)
        border = f"{level.border_distance_m:,.1f} m"
        for part in level.parts:
            table.add_row(*first, part.area.name, part.area.code, _measured(part), border)
            first, border = ("", ""), ""
        if not level.parts:
            table.add_row(*first, "-", "", "", border)
    return table


_LEAST_SHOWN = 0.01  # what two digits can show of a probability


def _measured(part: Part) -> str:
    if part.probability is not None:
        shown = part.probability >= _LEAST_SHOWN
        return f"P {part.probability:.2f}" if shown else f"P < {_LEAST_SHOWN}"
    if part.share is None:
        return ""
    size = f"{part.area_m2:,.1f} m²" if part.area_m2 is not None else f"{part.length_m:,.1f} m"
    return f"{part.share:.1%}, {size}"


def _document(answer: Attribution) -> dict[str, object]:
    return {
        "release": answer.release,
        "levels": [
            {
                "level": level.level,
                "basis": level.basis,
                "relation": level.relation,
                "border_distance_m": level.border_distance_m,
                "parts": [{**vars(part), "area": _fields(part.area)} for part in level.parts],
                "nearby": [
                    {"area": _fields(near.area), "distance_m": near.distance_m}
                    for near in level.nearby
                ],
            }
            for level in answer.levels
        ],
    }


def _fields(area: object) -> dict[str, object]:
    return {name: getattr(area, name) for name in ("level", "code", "name", "parent")}
