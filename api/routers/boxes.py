"""A box in a query: west,south,east,north in degrees."""

from api.services.errors import BboxError
from gridmap.geo import LngLatBbox


def box_of(text: str | None) -> LngLatBbox | None:
    """Return the box that a query names, ``None`` for none; `BboxError` for what is no box."""
    if text is None:
        return None
    try:
        box = LngLatBbox(*(float(side) for side in text.split(",")))
    except (TypeError, ValueError) as error:
        raise BboxError(given=text) from error
    if not (box.west < box.east and box.south < box.north):  # also refuses NaN
        raise BboxError(given=text)
    return box
