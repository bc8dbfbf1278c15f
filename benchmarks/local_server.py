"""The local server in a process of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class LocalServer(NamedTuple):
    """A server that answers.

    Attributes:
        process: `zoo serve`.
        serving: what it says of its models.
        rest: its URL.
        grpc: its host and port.
    """

    process: subprocess.Popen[str]
    serving: str
    rest: str
    grpc: str


@contextmanager
def local_server(models: Path, *options: str) -> Iterator[LocalServer]:
    """Run `zoo serve` on ports that are free; killed at the end."""
    command = [
        sys.executable, "-c", "from zoo.cli import main; main()", "serve", "--models", str(models),
        "--rest-port", "0", "--grpc-port", "0", *options,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        serving, ports, development = (process.stdout.readline() for _ in range(3))
        found = re.fullmatch(r"REST (\S+)  gRPC (\S+)\n", ports)
        if found is None or "development" not in development:
            raise RuntimeError(f"zoo serve does not start: {process.wait()}")
        yield LocalServer(process, serving.strip(), found[1], found[2])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
