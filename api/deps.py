"""What handlers ask for, as Annotated aliases."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from api.services.reference import ReferenceHolder
from api.store.engine import Engine
from gridmap.atlas import Atlas
from gridmap.resolution import Reference


@dataclass(frozen=True)
class Turn:
    """One request's surroundings: the database, what decisions are made with, the instant."""

    engine: Engine
    reference: Reference
    now: datetime


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def _reference(request: Request) -> Reference:
    holder: ReferenceHolder = request.app.state.reference
    return holder.current


def _atlas(request: Request) -> Atlas:
    holder: ReferenceHolder = request.app.state.reference
    return holder.atlas


def _holder(request: Request) -> ReferenceHolder:
    holder: ReferenceHolder = request.app.state.reference
    return holder


Database = Annotated[Engine, Depends(_engine)]
Holder = Annotated[ReferenceHolder, Depends(_holder)]
Ref = Annotated[Reference, Depends(_reference)]
Sheets = Annotated[Atlas, Depends(_atlas)]


def _turn(engine: Database, reference: Ref) -> Turn:
    return Turn(engine, reference, datetime.now(UTC))


Here = Annotated[Turn, Depends(_turn)]
