"""`zoo serve`: both APIs in one process, on one event loop."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette

from zoo.serving import rpc
from zoo.serving.limits import Limits
from zoo.serving.listening import in_url, listen, taken
from zoo.serving.repository import Repository
from zoo.serving.rest import application
from zoo.serving.service import Service


class Address(NamedTuple):
    """Where to listen; a port of 0 is any that is free."""

    host: str = "127.0.0.1"
    rest_port: int = 8501
    grpc_port: int = 8500

    @property
    def shown(self) -> str:
        """The host in a URL."""
        return in_url(self.host)


class Running(NamedTuple):
    """A server that answers.

    Attributes:
        address: with the ports that were taken.
        versions: that are served, by model.
        stop: ends it, from any thread: the requests under way are answered first.
    """

    address: Address
    versions: dict[str, list[int]]
    stop: Callable[[], None]


def serve(models: Path, address: Address, limits: Limits, ready: Callable[[Running], None]) -> None:
    """Serve the models of a folder until the process is told to stop.

    Args:
        models: holds `<model>/<version>/`, and possibly `models.config`.
        address: where to listen.
        limits: of requests.
        ready: called when requests are answered.

    Raises:
        UserError: a port is taken, or there is nothing to serve.
    """
    asyncio.run(_serve(models, address, limits, ready))


async def _serve(
    models: Path, address: Address, limits: Limits, ready: Callable[[Running], None]
) -> None:
    import uvicorn

    from zoo.serving.heads import bounded_heads

    repository = Repository(models)
    service = Service(repository, limits)
    grace = limits.seconds + 1  # after it, no request is under way
    with listen(address.host, address.rest_port, "--rest-port") as listening:
        grpc_server = rpc.server(service)
        try:
            grpc_port = grpc_server.add_insecure_port(f"{address.shown}:{address.grpc_port}")
        except RuntimeError as error:
            raise taken(address.host, address.grpc_port, "--grpc-port") from error
        bound = Address(address.host, listening.getsockname()[1], grpc_port)
        repository.start()

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            await grpc_server.start()
            ready(Running(bound, repository.serving, stop))
            yield
            await grpc_server.stop(grace)
            repository.stop()
            service.close()

        config = uvicorn.Config(
            application(service, lifespan),
            http=bounded_heads(limits.seconds),
            ws="none",
            log_config=None,
            log_level="error",  # and no line for each malformed request
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=limits.waiting,
            timeout_graceful_shutdown=math.ceil(grace),
        )
        server = uvicorn.Server(config)

        def stop() -> None:
            server.should_exit = True

        await server.serve(sockets=[listening])
