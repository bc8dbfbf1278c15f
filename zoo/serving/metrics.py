"""Metrics for Prometheus, by the names of TensorFlow Serving's."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client import disable_created_metrics as _disable_created_metrics

from zoo.serving.status import ServingError

PATH = "/monitoring/prometheus/metrics"
CONTENT_TYPE = "text/plain; charset=utf-8"

_PREFIX = ":tensorflow:serving:"
_MICROSECONDS = [10 * 1.8**n for n in range(33)]
_EXAMPLES = [2.0**n for n in range(15)]


@dataclass
class Request:
    """What is to be noted of a request when it ends.

    Attributes:
        model: its name, once it is known to be one: names that clients make up are not counted.
        code: how it ended.
    """

    model: str = ""
    code: str = "OK"


class Metrics:
    """Counts requests and measures how long they take, in microseconds."""

    def __init__(self) -> None:
        _disable_created_metrics()
        self._registry = CollectorRegistry()
        self._count = Counter(
            f"{_PREFIX}request_count",
            "The total number of requests.",
            ["model_name", "status"],
            registry=self._registry,
        )
        self._latency = self._histogram(
            "request_latency",
            "Distribution of wall time (in microseconds) for requests.",
            ["model_name", "API", "entrypoint"],
            _MICROSECONDS,
        )
        self._runtime = self._histogram(
            "runtime_latency",
            "Distribution of wall time (in microseconds) for the model.",
            ["model_name", "API", "runtime"],
            _MICROSECONDS,
        )
        self._examples = self._histogram(
            "request_example_counts", "The number of tf.Examples per request.", ["model"], _EXAMPLES
        )

    def _histogram(
        self, name: str, what: str, labels: Sequence[str], buckets: Sequence[float]
    ) -> Histogram:
        return Histogram(
            _PREFIX + name, what, labels, buckets=list(buckets), registry=self._registry
        )

    @contextmanager
    def request(self, api: str, entrypoint: str) -> Iterator[Request]:
        """Measure a request; `api` is such as `predict`, `entrypoint` is `REST` or `GRPC`."""
        request = Request()
        began = time.perf_counter()
        try:
            yield request
        except ServingError as error:
            request.code = error.code
            raise
        except asyncio.CancelledError:  # the client gave up
            request.code = "CANCELLED"
            raise
        except BaseException:
            request.code = "INTERNAL"
            raise
        finally:
            took = (time.perf_counter() - began) * 1e6
            self._count.labels(request.model, request.code).inc()
            self._latency.labels(request.model, api, entrypoint).observe(took)

    @contextmanager
    def runtime(self, model: str, api: str) -> Iterator[None]:
        """Measure the model's part of a request, with the time that it waited for a thread."""
        began = time.perf_counter()
        yield
        self._runtime.labels(model, api, "TF2").observe((time.perf_counter() - began) * 1e6)

    def examples(self, model: str, count: int) -> None:
        """Count the tf.Examples of a request."""
        self._examples.labels(model).observe(count)

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        # TensorFlow Serving's counter has not the suffix that the library gives.
        return generate_latest(self._registry).replace(b"request_count_total", b"request_count")
