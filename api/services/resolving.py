"""Questions that write nothing: whose is a place, and which open cases are about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from anyio import to_thread

from api.store import nearby
from api.store.engine import Connection, Engine, reading
from gridmap.dispatch.actor import Actor
from gridmap.dispatch.lead import Decision
from gridmap.dispatch.question import Filing, Sides
from gridmap.dispatch.record import Nearby
from gridmap.place import Place
from gridmap.resolution import Reference, Resolution, resolve


@dataclass(frozen=True)
class Question:
    """What a person asks before sending, and what a report asks when it comes in."""

    place: Place
    category: str | None
    intake: str | None = None
    filings: tuple[Filing, ...] = ()
    sides: Sides = Sides.COMPUTED
    owner: str | None = None


async def resolution(question: Question, reference: Reference, *, now: datetime) -> Resolution:
    """Resolve in a thread: a large footprint must not hold up everybody."""
    return await to_thread.run_sync(
        lambda: resolve(
            question.place,
            reference,
            category=question.category,
            intake=question.intake,
            filings=question.filings,
            sides=question.sides,
            owner=question.owner,
            now=now,
        )
    )


async def duplicates(
    engine: Engine,
    question: Question,
    reference: Reference,
    *,
    actor: Actor,
    decision: Decision,
    now: datetime,
) -> list[Nearby]:
    """Return the open cases that a report would join, nearest first; the first one gets it.

    Only those that the actor sees; without keys there are none, and the database is not asked.
    """
    if question.category is None or not actor.keys:
        return []
    async with reading(engine, actor) as connection:
        return await duplicates_in(
            connection, question.place, question.category, reference, decision=decision, now=now
        )


async def duplicates_in(
    connection: Connection,
    place: Place,
    category: str,
    reference: Reference,
    *,
    decision: Decision,
    now: datetime,
) -> list[Nearby]:
    """Do the same inside a transaction.

    A case that leaves out a jurisdiction which the report concerns is none of them: joining it
    would leave one side of the line unsummoned.
    """
    rule = reference.policy.duplicates
    since = now - timedelta(days=rule.within_days)
    concerned = {area.code for area in (decision.lead, *decision.assisting)}
    near = await nearby.open_cases(
        connection, place, category=category, radius_m=rule.radius_m, since=since
    )
    return [one for one in near if concerned <= one.areas]
