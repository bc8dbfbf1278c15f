"""How long a call takes."""

import csv
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Timed(NamedTuple):
    """A measured call: what it was, how long it took, and its ratio to the shipped model's."""

    what: str
    milliseconds: float
    ratio: float


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


def write(rows: Sequence[Timed], path: Path) -> None:
    """Print the figures, and write them as CSV."""
    lines = [[row.what, f"{row.milliseconds:.3f}", f"{row.ratio:.2f}"] for row in rows]
    for what, shown, ratio in lines:
        print(f"{what:<45} {shown:>9} ms   {ratio:>6} x")
    print(load_line())
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Timed._fields)
        writer.writerows(lines)
