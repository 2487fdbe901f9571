"""One request's surroundings, as the services need them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.store.engine import Engine
from gridmap.dispatch.actor import Actor
from gridmap.resolution import Reference

# Events of one case never share an instant, nor entries of one subject: their order is also
# their times'.
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Turn:
    """The database, what decisions are made with, who asks, when."""

    engine: Engine
    reference: Reference
    actor: Actor
    now: datetime
