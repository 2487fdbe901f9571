"""How the service's two roles reach a database."""

from typing import NamedTuple


class Urls(NamedTuple):
    """SQLAlchemy URLs of one database: ``owner`` migrates, ``service`` serves."""

    owner: str
    service: str
