"""How long a call takes."""

import os
import statistics
import time
from collections.abc import Callable
from typing import Any


def median_ms(call: Callable[[], Any], repeats: int) -> float:
    """The median time of a call in milliseconds, after three calls that are not counted."""
    for _ in range(3):
        call()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3


def load_line() -> str:
    """The machine's load, to be printed beside every figure."""
    return f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.2f} over the last minute"
