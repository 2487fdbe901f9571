"""A case's number carries the city's day, not the server's."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from api.services import reporting
from api.services.reference import ReferenceHolder
from api.services.turn import Turn
from api.settings import DataSettings
from api.store import cases
from api.store.engine import engine_at, reading
from gridmap.dispatch.incident import Incident
from gridmap.place import point


async def number_of_a_report(service_url, actor, reported_at):
    engine = engine_at(service_url)
    try:
        holder = ReferenceHolder(DataSettings())
        await holder.refresh(engine)
        where = point(116.2, 40.2, crs="EPSG:4490")
        incident = Incident(str(uuid4()), "E0101", where, reported_at, separate=True)
        turn = Turn(engine, holder.current, actor, reported_at)
        done = await reporting.report(turn, incident, key=str(uuid4()))
        async with reading(engine, actor) as connection:
            return (await cases.find(connection, done.case_id)).case.number
    finally:
        await engine.dispose()


def test_a_report_at_one_in_the_morning_in_beijing_carries_the_new_day(loaded, commander):
    at_one_in_beijing = datetime(2026, 11, 22, 17, tzinfo=UTC)
    number = asyncio.run(
        number_of_a_report(loaded.urls().service, commander.actor, at_one_in_beijing)
    )
    assert number.startswith("20261123-")
