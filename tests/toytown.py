"""The toy city in a database, and what people do in it without a service: in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from api.services import reporting
from api.services.reference import ReferenceHolder
from api.services.turn import Turn
from api.settings import DataSettings
from api.store.engine import Engine, engine_at
from gridmap.dispatch.actor import SYSTEM, Actor
from gridmap.dispatch.incident import Incident
from gridmap.place import Place, point
from gridmap.resolution import Reference

EMERGENCY = "E0401"
ANALYSED = "E0501"  # no emergency: its first clock is that of the analysis


def acting(url: str, work: Callable[[Engine, Reference], Awaitable[Any]]) -> Any:
    """Do a piece of work on the service's database, with what it decides with now."""

    async def run() -> Any:
        engine = engine_at(url)
        try:
            holder = ReferenceHolder(DataSettings())
            await holder.refresh(engine)
            return await work(engine, holder.current)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def reported(
    url: str,
    *,
    at: datetime,
    count: int = 1,
    category: str = EMERGENCY,
    who: Actor = SYSTEM,
    site: Place | None = None,
    **reference: Any,
) -> list[UUID]:
    """Report so many problems at an instant; returns their cases. ``reference``: parts changed."""
    place = site or point(1, 1, crs="EPSG:4490")

    async def report(engine: Engine, current: Reference) -> list[UUID]:
        turn = Turn(engine, replace(current, **reference), who, at)
        found = []
        for _ in range(count):
            incident = Incident(str(uuid4()), category, place, at, separate=True)
            done = await reporting.report(turn, incident, key=str(uuid4()))
            found.append(done.case_id)
        return found

    cases: list[UUID] = acting(url, report)
    return cases
