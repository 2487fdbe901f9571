"""``python -m api agreements``: import agreements from GeoJSON; a dry run unless --commit."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from api.commands.console import on_the_database, say
from api.schemas.agreements import AgreementIn
from api.services import agreeing
from api.services.reference import ReferenceHolder
from api.settings import DataSettings
from api.store.engine import Engine
from gridmap.dispatch.actor import Actor
from gridmap.dispatch.agreement import Agreement
from gridmap.dispatch.errors import PolicyDataError

app = typer.Typer(no_args_is_help=True, help="Agreements on stretches of border.")

# Who imports, until accounts say it.
OWNER = Actor("owner")


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="a GeoJSON FeatureCollection, WGS 84")],
    *,
    signed: Annotated[
        bool, typer.Option(help="every party has signed the paper: let them hold at once")
    ] = False,
    commit: Annotated[bool, typer.Option(help="write; without it nothing is")] = False,
) -> None:
    """Import agreements, proposed unless --signed; a dry run unless --commit.

    All that can be read are checked; nothing is written unless all of them can be.
    """
    given = read_agreements(file)
    on_the_database(lambda engine: _import(engine, given, signed=signed, commit=commit))
    for one in given:
        say(f"{one.id}: {one.title}, {one.lead} leads")
    done = "are in force" if signed else "are proposed"
    say(f"{len(given)} agreements {done if commit else 'can be imported; say --commit to do it'}")


async def _import(engine: Engine, given: list[Agreement], *, signed: bool, commit: bool) -> None:
    holder = ReferenceHolder(DataSettings())
    await holder.refresh(engine)
    await agreeing.take_over(
        engine,
        holder.current,
        given,
        signed=signed,
        actor=OWNER,
        now=datetime.now(UTC),
        dry_run=not commit,
    )


def read_agreements(file: Path) -> list[Agreement]:
    """Return the agreements of a GeoJSON FeatureCollection in WGS 84, as the terms say.

    Raises
    ------
    PolicyDataError, GridmapError
        The file holds none; a stretch is no place.
    """
    return [one.agreement(one.place.place()) for one in _read(file)]


def _read(file: Path) -> Iterator[AgreementIn]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyDataError(str(file), "file", f"it cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise PolicyDataError(str(file), "file", f"it is not JSON: {error}") from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise PolicyDataError(str(file), "features", "it is no GeoJSON FeatureCollection")
    for number, feature in enumerate(features):
        yield _agreement(feature, source=str(file), where=f"features[{number}]")


def _agreement(feature: Any, *, source: str, where: str) -> AgreementIn:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise PolicyDataError(source, where, "it is no Feature with properties")
    own = {"id": feature["id"]} if "id" in feature else {}
    place = {"crs": "EPSG:4326", "geometry": feature.get("geometry")}  # RFC 7946
    try:
        return AgreementIn.model_validate(own | properties | {"place": place})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(step) for step in first["loc"])
        raise PolicyDataError(source, f"{where}.properties.{key}", first["msg"]) from error
