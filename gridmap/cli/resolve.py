"""``gridmap resolve``: whose a place is."""

import json

import typer
from rich.console import Console
from rich.table import Table

from gridmap import read
from gridmap.attribute import attribute
from gridmap.attribution import Attribution, Part
from gridmap.cli import places
from gridmap.cli.options import Accuracy, Boundaries, Crs, Json, Where
from gridmap.locate import ReleaseIndex


def resolve(
    where: Where,
    *,
    crs: Crs,
    accuracy_m: Accuracy = None,
    boundaries: Boundaries,
    as_json: Json = False,
) -> None:
    """Say whose a place is at every level, with shares and the distance to the border."""
    asked = places.given(where, crs, accuracy_m)
    answer = attribute(asked, ReleaseIndex(read.release(boundaries)))
    if as_json:
        typer.echo(json.dumps(_document(answer), ensure_ascii=False, indent=2))
    else:
        Console().print(_table(answer))


def _table(answer: Attribution) -> Table:
    table = Table(
        "level", "relation", "area", "code", "part", "to the border", title=answer.release
    )
    for level in answer.levels:
        first: tuple[str, str] = (f"{level.level} ({level.basis})", level.relation)
        for part in level.parts:
            table.add_row(
                *first,
                part.area.name,
                part.area.code,
                _measured(part),
                f"{level.border_distance_m:,.1f} m",
            )
            first = ("", "")
        if not level.parts:
            table.add_row(*first, "-", "", "", f"{level.border_distance_m:,.1f} m")
    return table


def _measured(part: Part) -> str:
    if part.probability is not None:
        return f"P {part.probability:.2f}"
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
