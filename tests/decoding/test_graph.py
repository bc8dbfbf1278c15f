"""The searches together, as they are exported."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.decoding.beam import beam_search
from zoo.decoding.greedy import greedy_search
from zoo.decoding.sampling import sample


class Writer(tf.Module):
    """A toy's rows as requests: the memory and the first state are read, not known before."""

    def __init__(self, toy, start_toy):
        super().__init__()
        self.weights = [tf.Variable(weight) for weight in (toy.e, toy.w, toy.v)]
        self.forbidden = toy.forbidden
        self.start_toy = start_toy
        vectors = tf.TensorSpec([None, toy.h.shape[1]], tf.float32)
        numbers = tf.TensorSpec([None])
        request = (vectors, vectors, tf.TensorSpec([None], tf.int32))
        seed = tf.TensorSpec([None], tf.int64)
        self.beam = tf.function(self.write_best, input_signature=request)
        self.greedy = tf.function(self.write_likeliest, input_signature=request)
        self.sample = tf.function(self.draw, input_signature=(*request, seed, numbers, numbers))

    def start(self, memory, h):
        return (*self.start_toy(*self.weights, memory, h), 0, 1)

    def write_best(self, memory, h, limits):
        return beam_search(*self.start(memory, h), limits, 4, 0.6, self.forbidden)._asdict()

    def write_likeliest(self, memory, h, limits):
        return greedy_search(*self.start(memory, h), limits, self.forbidden)._asdict()

    def draw(self, memory, h, limits, *options):
        return sample(*self.start(memory, h), limits, *options, self.forbidden)._asdict()


@pytest.fixture(scope="module")
def decoder(toy):
    return toy(8, batch=3, pieces=8)


@pytest.fixture(scope="module")
def writer(decoder, start_toy):
    return Writer(decoder, start_toy)


@pytest.fixture(scope="module")
def loaded(writer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("writer")
    tf.saved_model.save(writer, str(folder))
    return tf.saved_model.load(str(folder))


def operations(function):
    graph = function.get_concrete_function().graph.as_graph_def()
    nodes = [*graph.node, *(node for f in graph.library.function for node in f.node_def)]
    return {node.op for node in nodes}


@pytest.mark.parametrize("name", ["beam", "greedy", "sample"])
def test_operations_are_of_the_core(writer, name):
    names = operations(getattr(writer, name))
    assert names & {"While", "StatelessWhile"}
    assert all(hasattr(tf.raw_ops, name) for name in names)
    assert not [name for name in names if "PyFunc" in name or name.startswith("Xla")]
    # Whatever is drawn is a function of the seeds.
    assert not [name for name in names if "Random" in name and not name.startswith("Stateless")]


@pytest.mark.parametrize("rows", [[], [1], [2, 0, 1, 1]])
@pytest.mark.parametrize("name", ["beam", "greedy", "sample"])
def test_a_saved_model_gives_the_same(decoder, writer, loaded, name, rows):
    toy = decoder.rows(*rows)
    request = [tf.constant(toy.memory), tf.constant(toy.h), tf.constant([9] * len(rows), tf.int32)]
    if name == "sample":
        ones = tf.ones([len(rows)])
        request += [tf.constant(rows, tf.int64), ones, ones]
    expected = getattr(writer, name)(*request)
    found = getattr(loaded, name)(*request)
    assert found.keys() == {"tokens", "lengths", "log_probabilities", "scores"}
    for key, value in expected.items():
        np.testing.assert_array_equal(found[key], value)
        assert value.shape[0] == len(rows)
