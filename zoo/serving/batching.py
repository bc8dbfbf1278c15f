"""Requests that arrive together are answered together."""

import asyncio
import os
from collections import deque
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from zoo.export.child import Arrays
from zoo.export.signatures import Signature
from zoo.serving.limits import Limits
from zoo.serving.servable import Servable
from zoo.serving.status import ServingError

# Between two batches, as a share of the first one's time.
_REST = 0.02


@dataclass(eq=False)
class _Job:
    """A request that waits.

    Attributes:
        together: equal for requests that can be put together.
        rows: in its batch.
        answer: what it waits for.
    """

    servable: Servable
    signature: str
    inputs: Arrays
    together: Hashable
    rows: int
    answer: asyncio.Future[Arrays] = field(default_factory=asyncio.Future)


class Batcher:
    """Answers requests by as many threads as there are cores.

    A request that finds a thread free is answered at once. Those that come while all threads are
    busy, or while their signature answers others, wait, and are then taken together, up to
    `limits.batch_rows`: the busier the server the larger the batches. A signature answers one batch
    at a time, for a batch keeps all cores busy. A batch that is refused is answered one by one: a
    bad request spoils no other.

    Whoever is answered likely asks again. So that the first to do so is not answered alone, with
    all others behind it, a signature that is asked by several rests for a moment between batches.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free = os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(self._free, "model")
        self._waiting: deque[_Job] = deque()
        self._running: dict[asyncio.Task[None], Hashable] = {}

    async def run(self, servable: Servable, signature: str, inputs: Arrays) -> Arrays:
        """The outputs of a signature.

        Raises:
            ServingError: the model refuses the inputs, or too many requests wait.
        """
        if len(self._waiting) >= self._limits.waiting:
            raise ServingError("UNAVAILABLE", f"{len(self._waiting)} requests wait already")
        job = _Job(servable, signature, inputs, *self._place(servable, signature, inputs))
        self._waiting.append(job)
        self._start()
        return await job.answer

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _place(self, servable: Servable, name: str, inputs: Arrays) -> tuple[Hashable, int]:
        alone = object()
        if not takes_part(servable.signatures[name]):
            return alone, 1
        rows = {len(array) for array in inputs.values()}
        if len(rows) != 1 or max(rows) >= self._limits.batch_rows:
            return alone, 1
        shapes = tuple((key, array.shape[1:]) for key, array in sorted(inputs.items()))
        return (id(servable), name, shapes), rows.pop()

    def _start(self) -> None:
        """Give what waits to the threads that are free."""
        while self._free and (batch := self._next()):
            self._free -= 1
            task = asyncio.create_task(self._answer_and_rest(batch))
            self._running[task] = batch[0].together
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._free += 1
        self._start()

    def _next(self) -> list[_Job]:
        """The first whose turn it is, with all that can be answered with it; or nothing."""
        answering = set(self._running.values())
        batch, left, rows = list[_Job](), deque[_Job](), 0
        for job in self._waiting:
            if job.answer.done():
                continue
            if batch:
                fits = rows + job.rows <= self._limits.batch_rows
                fits = fits and job.together == batch[0].together
            else:
                fits = job.together not in answering
            if fits:
                batch.append(job)
                rows += job.rows
            else:
                left.append(job)
        self._waiting = left
        return batch

    async def _answer_and_rest(self, batch: Sequence[_Job]) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        await self._answer(batch)
        if len(batch) > 1 or any(job.together == batch[0].together for job in self._waiting):
            await asyncio.sleep(_REST * (clock() - began))

    async def _answer(self, batch: Sequence[_Job]) -> None:
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(self._threads, _run, batch)
        except ServingError as error:
            if len(batch) > 1:
                for job in batch:
                    await self._answer([job])
                return
            _refuse(batch, error)
        except Exception as error:
            _refuse(batch, error)
        else:
            for job, answer in zip(batch, answers, strict=True):
                if not job.answer.done():
                    job.answer.set_result(answer)


def takes_part(signature: Signature) -> bool:
    """Whether rows of several requests can be put together.

    They can where every input and output has one row for each of the batch, and rows of outputs
    have a fixed size: else a long row of one request would pad the answers to the others. Pictures
    take no part, whose rows are large.
    """
    endpoints = [*signature.inputs.values(), *signature.outputs.values()]
    return (
        "image_bytes" not in signature.inputs
        and all(e.shape is not None and e.shape[:1] == (None,) for e in endpoints)
        and all(None not in (e.shape or ())[1:] for e in signature.outputs.values())
    )


def _refuse(batch: Sequence[_Job], error: Exception) -> None:
    for job in batch:
        if not job.answer.done():
            job.answer.set_exception(error)


def _run(batch: Sequence[_Job]) -> list[Arrays]:
    """The answers to requests of one signature, by one call of it."""
    first = batch[0]
    if len(batch) == 1:
        return [first.servable.run(first.signature, first.inputs)]
    inputs = {key: np.concatenate([job.inputs[key] for job in batch]) for key in first.inputs}
    outputs = first.servable.run(first.signature, inputs)
    *ends, rows = np.cumsum([job.rows for job in batch])
    if any(len(array) != rows for array in outputs.values()):
        # Whose rows these are cannot be told: each is answered alone.
        raise ServingError("INTERNAL", "the outputs have not one row for each of the inputs")
    split = {name: np.split(array, ends) for name, array in outputs.items()}
    return [{name: parts[n] for name, parts in split.items()} for n in range(len(batch))]
