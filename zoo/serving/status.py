"""Why a request was refused: the canonical codes, and how HTTP says them."""

HTTP = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
    # Not canonical: TensorFlow Serving bounds neither a body nor the time in which it comes.
    "BODY_TOO_LATE": 408,
    "BODY_TOO_LARGE": 413,
}
"""The statuses of TensorFlow Serving's REST API; every other code is 500."""


class ServingError(Exception):
    """A request that gets no answer.

    Args:
        code: canonical, such as `INVALID_ARGUMENT`.
        message: what the client is told.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def http(self) -> int:
        """The status of the HTTP response."""
        return HTTP.get(self.code, 500)


def invalid(message: str) -> ServingError:
    """The client's mistake."""
    return ServingError("INVALID_ARGUMENT", message)
