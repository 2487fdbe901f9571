"""Where people are, on the wire."""

from datetime import datetime, timedelta

from pydantic import Field

from api.schemas.places import PlaceIn
from api.schemas.values import PastInstant, Wire
from gridmap.dispatch.lead import Policy
from gridmap.dispatch.staff import Position


class PositionIn(Wire):
    place: PlaceIn = Field(description="one's own position, a point; of GPS with accuracy_m")
    at: PastInstant | None = Field(default=None, description="when that was; now if left out")


class PositionOut(Wire):
    """What is kept: the last position only, until it is erased."""

    point: tuple[float, float] = Field(description="longitude, latitude in CGCS2000")
    accuracy_m: float | None
    at: datetime
    kept_until: datetime

    @classmethod
    def of(cls, position: Position, policy: Policy) -> "PositionOut":
        return cls(
            point=(position.lnglat.lng, position.lnglat.lat),
            accuracy_m=position.accuracy_m,
            at=position.at,
            kept_until=position.at + timedelta(hours=policy.position_kept_h),
        )
