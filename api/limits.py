"""A limit on the size of request bodies, kept before anything is parsed."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BodyTooLargeError

MAX_BODY_BYTES = 2 * 1024 * 1024  # ten thousand vertices with all their digits are 0.5 MB


class BodyLimit:
    """ASGI middleware: a body over the limit is refused, whether its length was declared or not."""

    def __init__(self, app: ASGIApp, *, limit_bytes: int = MAX_BODY_BYTES) -> None:
        self.app = app
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received = _declared_length(scope)

        async def counted() -> Message:
            nonlocal received
            if received > self.limit_bytes:
                raise BodyTooLargeError(self.limit_bytes)
            message = await receive()
            received += len(message.get("body", b"")) if not _declared_length(scope) else 0
            if received > self.limit_bytes:
                raise BodyTooLargeError(self.limit_bytes)
            return message

        await self.app(scope, counted, send)


def _declared_length(scope: Scope) -> int:
    declared: bytes = dict(scope["headers"]).get(b"content-length", b"")
    return int(declared) if declared.isdigit() else 0
