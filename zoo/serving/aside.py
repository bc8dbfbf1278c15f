"""Work that would keep the event loop from answering others."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

_MOMENT = 1 << 14  # bytes or elements that are read or written in some milliseconds


async def aside(size: int, work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """The result of reading or writing something; what is large is done in a thread.

    Args:
        size: bytes to read, or elements to write.
        work: what does it.
        args: for that.
        kwargs: for that.
    """
    if size > _MOMENT:
        return await asyncio.to_thread(work, *args, **kwargs)
    return work(*args, **kwargs)
