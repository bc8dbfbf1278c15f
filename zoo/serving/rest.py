"""TensorFlow Serving's REST API as an ASGI application."""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from zoo.serving import messages, metrics
from zoo.serving.aside import aside
from zoo.serving.json_answers import write_classifications, write_predict, write_regressions
from zoo.serving.json_examples import read_examples
from zoo.serving.json_parser import parse
from zoo.serving.json_predict import read_predict, signature_name
from zoo.serving.repository import ModelSpec
from zoo.serving.servable import DEFAULT_SIGNATURE
from zoo.serving.service import Service
from zoo.serving.status import ServingError, invalid

log = logging.getLogger(__name__)

_VERSION = r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
_PREDICTION = re.compile(
    rf"/v1/models/(?P<name>[^/:]+){_VERSION}:(?P<api>classify|regress|predict)",
    re.IGNORECASE | re.ASCII,
)
_STATUS = re.compile(
    rf"/v1/models(?:/(?P<name>[^/:]+))?{_VERSION}(?:/(?P<resource>metadata))?",
    re.IGNORECASE | re.ASCII,
)

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def application(service: Service, lifespan: Lifespan | None = None) -> Starlette:
    """The API of a service; `lifespan` surrounds the time in which it answers."""
    return Starlette(
        routes=[Route("/{path:path}", _Api(service))],
        exception_handlers={HTTPException: _no_route},
        lifespan=lifespan,
    )


def _no_route(request: Request, _: Exception) -> Response:
    return _error(404, f"Malformed request: {request.method} {request.url.path}")


class _Api:
    """Routes by the path as it was sent: names and labels may hold escaped slashes."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except ServingError as error:
            return _error(error.http, error.message)
        except Exception:
            log.exception("a request failed")
            return _error(500, "Internal error")

    async def _answer(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode("latin-1")
        if request.method == "GET" and path == metrics.PATH:
            return Response(self._service.metrics.text(), media_type=metrics.CONTENT_TYPE)
        if not path.lower().startswith("/v1/"):
            return _error(404, f"Malformed request: {request.method} {path}")
        if request.method == "POST" and (match := _PREDICTION.fullmatch(path)):
            return _json(await self._predict(_spec(match), match["api"].lower(), request))
        if request.method == "GET" and (match := _STATUS.fullmatch(path)):
            if match["name"] is None:
                raise invalid("Missing model name in request.")
            if match["resource"]:
                servable = self._service.repository.find(_spec(match))
                return _json(messages.metadata_json(servable))
            states = self._service.repository.status(_spec(match))
            return _json(messages.to_json(messages.status(states)))
        raise invalid(f"Malformed request: {request.method} {path}")

    async def _predict(self, spec: ModelSpec, api: str, request: Request) -> str:
        service = self._service
        with service.metrics.request(api, "REST") as noted:
            body = await self._body(request)
            document = await aside(len(body), parse, body)
            name = signature_name(document)
            if api == "predict":
                servable = service.find(spec, noted)
                signature = servable.signature(name)
                if signature is None:
                    raise invalid(
                        f'Serving signature name: "{name or DEFAULT_SIGNATURE}" not found in '
                        "signature def"
                    )
                asked = await aside(
                    len(body), read_predict, document, signature.inputs, service.limits
                )
                outputs = await service.predict(servable, name, asked.inputs)
                size = sum(array.size for array in outputs.values())
                return await aside(size, write_predict, outputs, rows=asked.rows)
            examples = await aside(len(body), read_examples, document, service.limits)
            servable = service.find(spec, noted)
            if api == "classify":
                return write_classifications(await service.classify(servable, name, examples))
            return write_regressions(await service.regress(servable, name, examples))

    async def _body(self, request: Request) -> bytes:
        """The whole body, if it comes in time and is not too large."""
        limits = self._service.limits
        parts, size = [], 0
        try:
            async with asyncio.timeout(limits.seconds):
                async for part in request.stream():
                    size += len(part)
                    if size > limits.body_bytes:
                        message = f"The body has more than {limits.body_bytes} bytes"
                        raise ServingError("BODY_TOO_LARGE", message)
                    parts.append(part)
        except TimeoutError as error:
            message = f"The body did not come within {limits.seconds:g} seconds"
            raise ServingError("BODY_TOO_LATE", message) from error
        except ClientDisconnect as error:
            raise ServingError("CANCELLED", "The client closed the connection") from error
        return b"".join(parts)


def _spec(match: re.Match[str]) -> ModelSpec:
    version, label = match["version"], match["label"]
    if version is not None:
        version = version.lstrip("0") or "0"
        if len(version) > 19 or int(version) >= 2**63:
            raise invalid(f"Failed to convert version: {match['version']} to numeric.")
    return ModelSpec(
        unquote(match["name"]),
        None if version is None else int(version),
        None if label is None else unquote(label),
    )


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


def _error(status: int, message: str) -> Response:
    body = json.dumps({"error": message}, indent=4, ensure_ascii=False)
    # What was not read of a body would be read as the next request.
    headers = {"Connection": "close"} if status in (408, 413) else None
    return Response(body.encode("utf-8", "replace"), status, headers, media_type="application/json")
