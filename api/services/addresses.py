"""Where a webhook's URL leads: refused where that is this machine or a network of its own.

Who registers a webhook must not reach with it what only this service can reach. The address that
was looked at is the one that is connected to: a name may answer differently a second later.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from anyio import to_thread

from api.services.errors import WebhookUrlError

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Target:
    """A URL whose host has become an address. ``host`` is the name it had, for TLS and Host."""

    url: str
    host: str
    authority: str


async def target(url: str, *, private: bool) -> Target:
    """Return where a URL leads now.

    Raises
    ------
    WebhookUrlError
        It is none, not https, names nobody, or leads to where it may not; ``private`` allows that
        and http.
    """
    parts = _parts(url, private=private)
    host = parts.hostname
    if not host:
        raise WebhookUrlError(url=url, why="it names no host")
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = await to_thread.run_sync(
            lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
    except (OSError, UnicodeError) as error:
        raise WebhookUrlError(url=url, why=f"nobody knows the host {host!r}") from error
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not private and not all(one.is_global and not one.is_multicast for one in addresses):
        raise WebhookUrlError(url=url, why="it leads into a private network, or to this machine")
    first = addresses[0]
    literal = f"[{first}]" if first.version == 6 else str(first)  # noqa: PLR2004 - IPv6
    path = urlunsplit((parts.scheme, f"{literal}:{port}", parts.path, parts.query, ""))
    return Target(path, host, parts.netloc)


def _parts(url: str, *, private: bool) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise WebhookUrlError(url=url, why=str(error)) from error
    if parts.scheme not in ({"http", "https"} if private else {"https"}):
        raise WebhookUrlError(url=url, why="it must begin with https://")
    if parts.username or parts.password:
        raise WebhookUrlError(url=url, why="it holds a password; the signature says who sends")
    return parts
