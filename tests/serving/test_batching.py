"""Requests that arrive together."""

import asyncio
import threading

import numpy as np
import pytest

from zoo.export.signatures import Endpoint, Signature
from zoo.serving.batching import Batcher, takes_part
from zoo.serving.limits import Limits
from zoo.serving.status import ServingError, invalid


def signature(inputs, outputs):
    def endpoints(shapes):
        return {name: Endpoint(name, "float32", shape) for name, shape in shapes.items()}

    return Signature("", endpoints(inputs), endpoints(outputs))


class Doubler:
    """Doubles rows, refuses negative ones, and notes its batches. Held, it begins nothing."""

    def __init__(self):
        self.signatures = {"rows": signature({"x": (None,)}, {"y": (None,)})}
        self.batches = []
        self.go = threading.Event()
        self.go.set()

    def run(self, name, inputs):
        self.go.wait(10)
        x = inputs["x"]
        self.batches.append(x.tolist())
        if (x < 0).any():
            raise invalid("negative")
        return {"y": 2 * x}


def ask(batcher, model, *rows):
    return batcher.run(model, "rows", {"x": np.array(rows)})


@pytest.fixture
def two_threads(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)


async def together(model, limits, *requests):
    """The answers to requests that arrive while the model answers another."""
    batcher = Batcher(limits)
    model.go.clear()
    busy = asyncio.create_task(ask(batcher, model))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(ask(batcher, model, *rows)) for rows in requests]
    await asyncio.sleep(0)
    model.go.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    await busy
    batcher.close()
    return answers


def test_who_waits_is_answered_together():
    model = Doubler()
    answers = asyncio.run(together(model, Limits(), (1, 2), (3,), (), (4, 5)))
    assert [answer["y"].tolist() for answer in answers] == [[2, 4], [6], [], [8, 10]]
    assert [1, 2, 3, 4, 5] in model.batches


def test_a_batch_has_a_greatest_size():
    model = Doubler()
    asyncio.run(together(model, Limits(batch_rows=3), (1, 2), (3, 4), (5,)))
    assert sorted(filter(None, model.batches)) == [[1, 2, 5], [3, 4]]


def test_without_batching_each_is_answered_alone():
    model = Doubler()
    asyncio.run(together(model, Limits(batch_rows=1), (1,), (2,)))
    assert sorted(filter(None, model.batches)) == [[1], [2]]


def test_a_larger_request_than_a_batch_keeps_no_other_waiting(two_threads):
    class Slow(Doubler):
        def run(self, name, inputs):
            if len(inputs["x"]) > 2:
                self.go.wait(10)
            return {"y": 2 * inputs["x"]}

    async def run():
        batcher, model = Batcher(Limits(batch_rows=2)), Slow()
        model.go.clear()
        large = asyncio.create_task(ask(batcher, model, 1, 2, 3))
        await asyncio.sleep(0)
        assert (await ask(batcher, model, 4))["y"].tolist() == [8]
        assert not large.done()
        model.go.set()
        await large
        batcher.close()

    asyncio.run(run())


def test_a_model_that_answers_keeps_no_other_waiting(two_threads):
    async def run():
        batcher, busy, free = Batcher(Limits()), Doubler(), Doubler()
        busy.go.clear()
        waiting = [asyncio.create_task(ask(batcher, busy, n)) for n in range(3)]
        await asyncio.sleep(0)
        assert (await ask(batcher, free, 4))["y"].tolist() == [8]
        busy.go.set()
        await asyncio.gather(*waiting)
        batcher.close()
        return busy.batches

    assert asyncio.run(run()) == [[0], [1, 2]]


def test_who_asks_again_is_answered_with_the_others(two_threads):
    async def run():
        batcher, model = Batcher(Limits()), Doubler()

        async def client():
            for _ in range(5):
                await ask(batcher, model, 1)

        await asyncio.gather(*(client() for _ in range(4)))
        batcher.close()
        return [len(batch) for batch in model.batches]

    assert asyncio.run(run()) == [1, 4, 4, 4, 4, 3]


def test_a_bad_request_spoils_no_other():
    answers = asyncio.run(together(Doubler(), Limits(), (1,), (-1,), (2,)))
    assert [a["y"].tolist() for a in (answers[0], answers[2])] == [[2], [4]]
    assert isinstance(answers[1], ServingError)


def test_rows_that_cannot_be_told_apart_are_answered_alone():
    class Uneven(Doubler):
        def run(self, name, inputs):
            return {"y": np.repeat(super().run(name, inputs)["y"], 2)}

    answers = asyncio.run(together(Uneven(), Limits(), (1,), (2,)))
    assert [answer["y"].tolist() for answer in answers] == [[2, 2], [4, 4]]


def test_too_many_that_wait_are_refused():
    answers = asyncio.run(together(Doubler(), Limits(waiting=2), (1,), (2,), (3,)))
    assert [type(answer) for answer in answers] == [dict, dict, ServingError]
    assert answers[2].http == 503


def test_who_gives_up_is_not_answered():
    async def run():
        model = Doubler()
        batcher = Batcher(Limits())
        model.go.clear()
        busy = asyncio.create_task(ask(batcher, model))
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await ask(batcher, model, 7)
        model.go.set()
        await busy
        assert (await ask(batcher, model, 8))["y"].tolist() == [16]
        batcher.close()
        return model.batches

    assert [7] not in asyncio.run(run())


@pytest.mark.parametrize(
    ("inputs", "outputs", "expected"),
    [
        ({"text": (None,)}, {"label": (None,), "scores": (None, 2)}, True),
        ({"text": (None,), "seed": (None,)}, {"reply": (None,)}, True),
        ({"text": (None,)}, {"tokens": (None, None)}, False),
        ({"image_bytes": (None,)}, {"caption": (None,)}, False),
        ({"x": None}, {"y": (None,)}, False),
        ({"x": (None,)}, {"y": ()}, False),
        ({"x": (1,)}, {"y": (1,)}, False),
    ],
)
def test_what_takes_part(inputs, outputs, expected):
    assert takes_part(signature(inputs, outputs)) is expected
