"""Points and boxes whose field names tell their unit: degrees or metres."""

from typing import NamedTuple


class LngLat(NamedTuple):
    """A position in degrees, longitude first."""

    lng: float
    lat: float


class LngLatBbox(NamedTuple):
    """An extent in degrees."""

    west: float
    south: float
    east: float
    north: float

    def covers(self, point: LngLat) -> bool:
        """Tell whether the closed box holds the point."""
        return self.west <= point.lng <= self.east and self.south <= point.lat <= self.north
