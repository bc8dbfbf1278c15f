"""A bound on what a client may send, and how long it may take, before its request is known."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_BYTES = 64 * 1024  # what a request line and its headers come to in other servers


def bounded_heads(seconds: float) -> type[asyncio.Protocol]:
    """Uvicorn's HTTP, for connections whose next head must come whole, in time, and not too long.

    Uvicorn itself closes a connection that stays idle after an answer, but neither one that never
    asks nor one whose request line or headers go on and on.

    Args:
        seconds: that a head may take, from the connection's or its own first byte.
    """

    class BoundedHeads(HttpToolsProtocol):
        _waits: asyncio.TimerHandle | None = None
        _bytes = 0

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait()

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._waits is not None:
                self._bytes += len(data)
                if self._bytes > _BYTES and not self.transport.is_closing():
                    self.send_400_response(f"The head has more than {_BYTES} bytes")

        def on_headers_complete(self) -> None:
            self._came()
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._came()
            super().connection_lost(exc)

        def _wait(self) -> None:
            if self._waits is None:
                self._waits = self.loop.call_later(seconds, self._give_up)

        def _came(self) -> None:
            if self._waits is not None:
                self._waits.cancel()
            self._waits, self._bytes = None, 0

        def _give_up(self) -> None:
            if not self.transport.is_closing():
                self.send_400_response(f"The head did not come within {seconds:g} seconds")

    return BoundedHeads
