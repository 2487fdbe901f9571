"""One request's surroundings, as the services need them."""

from dataclasses import dataclass
from datetime import datetime

from api.store.engine import Engine
from gridmap.dispatch.actor import Actor
from gridmap.resolution import Reference


@dataclass(frozen=True)
class Turn:
    """The database, what decisions are made with, who asks, when."""

    engine: Engine
    reference: Reference
    actor: Actor
    now: datetime
