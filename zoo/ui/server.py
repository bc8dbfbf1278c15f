"""Serving the page: to this machine unless told otherwise, and to no other host's scripts."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from zoo.serving.listening import in_url, listen
from zoo.ui.models import Models, behind, in_this_process
from zoo.ui.page import CSS, TABS, THEME, page

_log = logging.getLogger(__name__)

_MIB = 1024 * 1024
_MOST_FILE_BYTES = 16 * _MIB  # what a server of models takes, too
_MOST_BYTES = _MOST_FILE_BYTES + _MIB  # of a request: an upload, and what goes around it
_GRACE_SECONDS = 1  # an open page holds a connection as long as it is open

# The browser itself refuses to fetch from, or to send to, any other host.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
)


def serve(host: str, port: int, server: str | None, ready: Callable[[str], None]) -> None:
    """Serve the page until the process is told to stop.

    Args:
        host: to listen on.
        port: of it; 0 is any that is free.
        server: whose models are asked; None for those in this process.
        ready: called with the page's URL when it answers.

    Raises:
        UserError: the port is taken, or the server does not answer.
    """
    asyncio.run(_serve(host, port, server, ready))


async def _serve(host: str, port: int, server: str | None, ready: Callable[[str], None]) -> None:
    models = behind(server, TABS) if server else in_this_process(TABS)
    with listen(host, port, "--port") as listening:

        @contextlib.asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            ready(f"http://{in_url(host)}:{listening.getsockname()[1]}")
            yield

        config = uvicorn.Config(
            application(models, lifespan),
            ws="none",
            log_level="critical",  # it would tell of every page that is open when it stops
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        await uvicorn.Server(config).serve(sockets=[listening])


def application(models: Models, lifespan: Lifespan[FastAPI] | None = None) -> ASGIApp:
    """The page of some models, and what it asks in the background.

    Args:
        models: by the names of `TABS`.
        lifespan: of the application.
    """
    app = gr.mount_gradio_app(
        FastAPI(lifespan=lifespan, openapi_url=None),
        page(models),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=_MOST_FILE_BYTES,
        ssr_mode=False,
        theme=THEME,
        css=CSS,
    )
    return Guarded(app)


class Guarded:
    """An application that is sent no endless requests, and whose pages call no other host.

    Args:
        app: to guard.
        most_bytes: of a request.
    """

    def __init__(self, app: ASGIApp, most_bytes: int = _MOST_BYTES) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, as ASGI has it."""
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            # One that is too long ends as if it had been broken off.
            return message if read <= self._most_bytes else {"type": "http.disconnect"}

        async def kept_home(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], (b"content-security-policy", _POLICY.encode())]
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, bounded, kept_home)
        except Exception:
            _log.exception("a request of the page failed")
            raise
