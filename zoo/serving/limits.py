"""What the local server accepts at most."""

from dataclasses import dataclass

from zoo.serving.status import invalid

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds on one request, and on how many wait.

    Attributes:
        body_bytes: of a request, by REST or gRPC.
        rows: of a request.
        text_bytes: of one text; 100,000 characters of any alphabet are below it.
        image_bytes: of one value of an input whose name ends in `_bytes`.
        seconds: from the whole request to its answer; as long a client may take to send it.
        batch_rows: that requests are put together to; 1 answers each alone.
        waiting: requests that have not begun, and connections; more are refused.
    """

    body_bytes: int = 32 * _MIB
    rows: int = 1024
    text_bytes: int = _MIB
    image_bytes: int = 16 * _MIB
    seconds: float = 30.0
    batch_rows: int = 64
    waiting: int = 1024

    def check_rows(self, rows: int) -> None:
        """Raise ServingError if a request has too many rows."""
        if rows > self.rows:
            raise invalid(f"The request has {rows} rows, more than {self.rows}")
