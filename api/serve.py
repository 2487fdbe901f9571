"""The service in this process, on a claimed socket, until a signal ends it."""

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from api import port


class AnnouncedServer(uvicorn.Server):
    """A uvicorn server that says when the application has started."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self.announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self.announce()


def serve(app: FastAPI, claimed: socket.socket, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; open requests are finished first."""

    def announce() -> None:
        say(f"ready at {port.address(claimed)} (Ctrl-C stops it)")

    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=10)
    with suppress(KeyboardInterrupt):  # uvicorn ends in order, then raises Ctrl-C once more
        AnnouncedServer(config, announce).run(sockets=[claimed])
