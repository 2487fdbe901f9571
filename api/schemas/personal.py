"""Personal data on the wire."""

from api.schemas.values import Wire


class CallerOut(Wire):
    name: str | None
    phone: str | None
