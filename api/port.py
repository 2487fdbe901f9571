"""The port the service listens on, claimed before any work is done, and who has it if not we."""

import errno
import ipaddress
import pwd
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

from gridmap.errors import GridmapError

# /proc/net/tcp: the state of a listening socket (include/net/tcp_states.h, TCP_LISTEN).
LISTENING = "0A"
LAST_PORT = 2**16 - 1


@dataclass(eq=False)
class PortError(GridmapError):
    host: str
    port: int


@dataclass(eq=False)
class PortBusyError(PortError):
    user: str
    another: int
    message: ClassVar[str] = (
        "port {port} on {host} is in use by {user}; stop that, or choose another port: "
        "GRIDMAP_PORT={another} make run"
    )


@dataclass(eq=False)
class PortForbiddenError(PortError):
    message: ClassVar[str] = (
        "this user may not open port {port} on {host}; choose one above 1023: "
        "GRIDMAP_PORT=8321 make run"
    )


@dataclass(eq=False)
class HostError(PortError):
    why: str
    message: ClassVar[str] = (
        "cannot listen on {host}, port {port}: {why}; GRIDMAP_HOST must be an address of this "
        "machine, 127.0.0.1 for this machine alone"
    )


class Listener(NamedTuple):
    """A socket in /proc/net/tcp that waits for connections."""

    inode: str
    uid: int


def claim(host: str, port: int) -> socket.socket:
    """Return a socket listening on the port, which is ours from now on.

    Connections made before the service is ready wait for it.

    Raises
    ------
    PortError
        A child of it that says who has the port, or why it cannot be had.
    """
    try:
        return socket.create_server((host, port), family=_family(host, port), backlog=2048)
    except OSError as error:
        raise _explained(error, host, port) from error


def address(claimed: socket.socket) -> str:
    """Return the URL a person types to reach a claimed socket."""
    host, port = claimed.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def is_loopback(claimed: socket.socket) -> bool:
    """Tell whether only this machine reaches a claimed socket."""
    return ipaddress.ip_address(claimed.getsockname()[0]).is_loopback


def _family(host: str, port: int) -> socket.AddressFamily:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]


def _explained(error: OSError, host: str, port: int) -> PortError:
    if error.errno == errno.EADDRINUSE:
        another = port + 1 if port < LAST_PORT else 8321
        return PortBusyError(host, port, user_of(port), another)
    if error.errno == errno.EACCES:
        return PortForbiddenError(host, port)
    return HostError(host, port, error.strerror or str(error))


def user_of(port: int) -> str:
    """Name the program that listens on a port, as far as this user may know."""
    for listener in _listeners(port):
        pid = _pid_of(listener.inode)
        if pid:
            return f"process {pid} ({_command(pid)})"
        return f"a program of user {_account(listener.uid)}"
    return "another program"


def _listeners(port: int) -> Iterator[Listener]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    yield Listener(inode=columns[9], uid=int(columns[7]))


def _pid_of(inode: str) -> str | None:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another user's, or gone
            links = (process / "fd").iterdir()
            if any(str(link.readlink()) == f"socket:[{inode}]" for link in links):
                return process.name
    return None


def _command(pid: str) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return b" ".join(words).decode(errors="replace").strip()[:120]


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
