"""How many requests the local server answers, and how fast, with and without batching.

    python -m benchmarks.serving

drives each model over REST and gRPC at rising concurrency, prints throughput and latency, then what
the server adds to one request, and writes benchmarks/serving_load.csv and serving_overhead.csv.

    python -m benchmarks.serving --minutes 10

asks all models at once for some minutes, and fails if a request does or if the memory grows by more
than 5 % after the first.
"""

import argparse
import asyncio
import csv
import json
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from benchmarks.local_server import LocalServer, local_server
from benchmarks.timing import load_line
from zoo import hub
from zoo.export.extra import read_extra

Row = dict[str, Any]
Ask = Callable[[Row], Awaitable[None]]
"""Puts one row to a model; raises if it is refused."""

_CONCURRENCY = (1, 4, 16, 32)
_ROUNDS = 20


class Figures(NamedTuple):
    """One line of the table; latencies in milliseconds."""

    model: str
    api: str
    batching: str
    concurrency: int
    per_second: float
    p50: float
    p90: float
    p99: float


def rows(model: Path) -> list[Row]:
    """The rows of a model's golden requests to its default signature, in JSON types."""
    found = []
    for request in read_extra(model, "golden.json")["requests"]:
        if request["signature"] == "serving_default":
            columns = request["inputs"]
            found += [
                dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
            ]
    return found


class Rest:
    """One HTTP connection: a client that costs little beside what is measured."""

    def __init__(self, server: LocalServer, model: str) -> None:
        self._at = urlsplit(server.rest)
        self._path = f"/v1/models/{model}:predict"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __call__(self, row: Row) -> None:
        """Ask; see `Ask`."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._at.hostname, self._at.port)
        reader, writer = self._streams
        body = json.dumps({"instances": [row]}).encode()
        head = f"POST {self._path} HTTP/1.1\r\nHost: zoo\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
        content = await reader.readexactly(int(length))
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(content.decode())

    async def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()


class Grpc:
    """One gRPC channel."""

    def __init__(self, server: LocalServer, model: str) -> None:
        import grpc
        from tensorflow_serving.apis import prediction_service_pb2_grpc

        # A channel of its own: else all share one connection.
        options = [("grpc.use_local_subchannel_pool", 1)]
        self._model = model
        self._channel = grpc.aio.insecure_channel(server.grpc, options)
        self._stub = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)

    async def __call__(self, row: Row) -> None:
        """Ask; see `Ask`."""
        import tensorflow as tf
        from tensorflow_serving.apis import predict_pb2

        request = predict_pb2.PredictRequest()
        request.model_spec.name = self._model
        for name, value in row.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto([_raw(value)]))
        await self._stub.Predict(request)

    async def close(self) -> None:
        """End the connection."""
        await self._channel.close()


_APIS: dict[str, Callable[[LocalServer, str], Rest | Grpc]] = {"REST": Rest, "gRPC": Grpc}


def _raw(value: Any) -> Any:
    import base64

    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value


class Drive(NamedTuple):
    """What clients saw that each sent one request after the other; in seconds."""

    took: list[float]
    elapsed: float


async def drive(connections: Sequence[Ask], asked: Sequence[Row], seconds: float) -> Drive:
    """Ask for `seconds`, and until the last is answered: else who is slow would seem faster."""
    start = time.perf_counter()
    end = start + seconds
    took: list[float] = []

    async def client(ask: Ask, first: int) -> None:
        number = first
        while (began := time.perf_counter()) < end:
            await ask(asked[number % len(asked)])
            took.append(time.perf_counter() - began)
            number += 1

    await asyncio.gather(*(client(ask, n) for n, ask in enumerate(connections)))
    return Drive(took, time.perf_counter() - start)


async def measure(
    server: LocalServer,
    model: str,
    api: str,
    concurrency: int,
    asked: Sequence[Row],
    seconds: float,
) -> Drive:
    """As `drive`, after a moment that is not counted."""
    connections = [_APIS[api](server, model) for _ in range(concurrency)]
    await drive(connections, asked, min(1.0, seconds))
    seen = await drive(connections, asked, seconds)
    for connection in connections:
        await connection.close()
    return seen


def _figures(model: str, api: str, batching: str, concurrency: int, seen: Drive) -> Figures:
    cuts = statistics.quantiles(seen.took, n=100, method="inclusive")
    p50, p90, p99 = (1e3 * cuts[percent - 1] for percent in (50, 90, 99))
    per_second = len(seen.took) / seen.elapsed
    return Figures(model, api, batching, concurrency, per_second, p50, p90, p99)


def throughput(models: dict[str, Path], seconds: float, path: Path) -> None:
    """Print and write the table."""
    print(load_line())
    print(f"{'model':<18} api  batching clients  requests/s    p50    p90    p99 ms")
    table = []
    for batching, options in (("yes", ()), ("no", ("--no-batching",))):
        with local_server(hub.models_folder(), *options) as server:
            for model, folder in models.items():
                for api in _APIS:
                    for n in _CONCURRENCY:
                        seen = asyncio.run(measure(server, model, api, n, rows(folder), seconds))
                        line = _figures(model, api, batching, n, seen)
                        print(
                            f"{model:<18} {api:<4} {batching:<8} {n:>7} {line.per_second:>11.0f}"
                            f" {line.p50:>6.1f} {line.p90:>6.1f} {line.p99:>6.1f}",
                            flush=True,
                        )
                        table.append(line)
    print(load_line())
    _write(path, Figures._fields, table)


def overhead(models: dict[str, Path], path: Path) -> None:
    """Print and write what the server adds to one request: medians of REST and of a call."""
    import tensorflow as tf

    table = []
    with local_server(hub.models_folder()) as server:
        for model, folder in models.items():
            asked = rows(folder)[:1]
            loaded = tf.saved_model.load(str(folder))
            inputs = {name: tf.constant([_raw(value)]) for name, value in asked[0].items()}
            call = partial(loaded.signatures["serving_default"], **inputs)
            direct, rest = asyncio.run(_in_turns(call, Rest(server, model), asked[0]))
            print(
                f"{model:<18} direct {direct:.2f} ms, REST {rest:.2f} ms, +{rest - direct:.2f} ms"
            )
            table.append((model, direct, rest))
    _write(path, ("model", "direct", "rest"), table)


async def _in_turns(call: Callable[[], Any], ask: Rest, row: Row) -> tuple[float, float]:
    """The medians in milliseconds, of ten calls in turns: the machine's pace changes in minutes."""
    direct, rest = [], []
    for _ in range(_ROUNDS):
        direct += [_seconds(call) for _ in range(10)]
        for _ in range(10):
            start = time.perf_counter()
            await ask(row)
            rest.append(time.perf_counter() - start)
    await ask.close()
    return 1e3 * statistics.median(direct), 1e3 * statistics.median(rest)


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _write(path: Path, names: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(
            [f"{value:.2f}" if isinstance(value, float) else value for value in line]
            for line in lines
        )


def soak(models: dict[str, Path], minutes: float) -> None:
    """Ask all models at once, over both APIs.

    Raises:
        SystemExit: the memory grew after the first minute.
    """
    print(load_line())
    asked = {model: rows(folder) for model, folder in models.items()}
    with local_server(hub.models_folder()) as server:

        async def minute(seconds: float) -> int:
            async def one(model: str, api: str) -> int:
                seen = await measure(server, model, api, 2, asked[model], seconds)
                return len(seen.took)

            return sum(await asyncio.gather(*(one(m, api) for m in models for api in _APIS)))

        memory: list[float] = []
        while len(memory) < max(2, minutes):
            count = asyncio.run(minute(60 if minutes >= 2 else 30 * minutes))
            memory.append(_megabytes(server.process.pid))
            print(f"minute {len(memory)}: {count} requests, {memory[-1]:.0f} MB", flush=True)
    print(load_line())
    growth = max(memory) / memory[0] - 1
    print(f"the memory grew by {growth:.1%} after the first minute")
    if growth > 0.05:
        raise SystemExit(1)


def _megabytes(pid: int) -> float:
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024


def main() -> None:
    """Measure, or soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", help="names, separated by commas; by default all that ship")
    parser.add_argument("--seconds", type=float, default=10, help="of each line of the table")
    parser.add_argument("--minutes", type=float, help="soak for so long instead")
    given = parser.parse_args()
    # Of a model's versions the greatest stands last.
    models = {info.task: info.path for info in hub.list_models()}
    if given.models:
        models = {name: models[name] for name in given.models.split(",")}
    if given.minutes:
        soak(models, given.minutes)
        return
    here = Path(__file__).parent
    throughput(models, given.seconds, here / "serving_load.csv")
    overhead(models, here / "serving_overhead.csv")


if __name__ == "__main__":
    main()
