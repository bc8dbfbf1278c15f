"""A decoder of a few pieces, small enough to try everything that it may write."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

from zoo.decoding.sampling import sample

BEGIN, END = 0, 1


class Toy:
    """h_t = tanh(E x_t + W h_{t-1} + memory), o_t = V h_t: once as a step, once in NumPy.

    Its state is nested and holds integers too, as a decoder's may.
    """

    forbidden = (0, 2)

    def __init__(self, seed=0, batch=3, pieces=5, size=6):
        random = np.random.default_rng(seed)
        self.pieces, self.batch = pieces, batch
        self.e, self.w, self.v = (
            random.normal(size=shape).astype(np.float32)
            for shape in ((pieces, size), (size, size), (size, pieces))
        )
        self.memory, self.h = random.normal(size=(2, batch, size)).astype(np.float32)

    def rows(self, *rows):
        """The same decoder on some of its rows, in this order."""
        chosen = object.__new__(Toy)
        chosen.__dict__ = dict(self.__dict__, batch=len(rows))
        chosen.memory, chosen.h = self.memory[list(rows)], self.h[list(rows)]
        return chosen

    @property
    def request(self):
        """What a traced search is given: nothing of it is known before."""
        return self.e, self.w, self.v, self.memory, self.h

    def distributions(self, row, tokens):
        """The log-probabilities of what follows each of the tokens, the begin token first."""
        h, found = np.float64(self.h[row]), []
        for moment, token in enumerate((BEGIN, *tokens)):
            h = np.tanh(self.e[token] + h @ self.w + self.memory[row])
            logits = h @ self.v * (1 + 0.1 * moment)
            found.append(logits - np.log(np.exp(logits).sum()))
        return found

    def log_probability(self, row, tokens):
        """Of the tokens and the end token, with the tokens given (teacher forcing)."""
        gains = zip(self.distributions(row, tokens), (*tokens, END), strict=True)
        return sum(log_probabilities[token] for log_probabilities, token in gains)

    @property
    def choices(self):
        """The tokens that a search may choose."""
        return sorted(set(range(self.pieces)) - set(self.forbidden))

    def search(self, function, limits, *tensors, **options):
        """A search on all rows, as a graph; the hypotheses in NumPy."""
        traced = graph(function, self.pieces, self.forbidden, *options.items())
        found = traced(*self.request, np.array(limits, np.int32), *tensors)
        return type(found)(*(x.numpy() for x in found))


def start(e, w, v, memory, h):
    """The toy's step, its memory, and its state before the first token."""

    def step(tokens, memory, state):
        (h,) = state["h"]
        read = tf.gather(e, tokens) + tf.einsum("bks,st->bkt", h, w)
        h = tf.tanh(read + memory[:, None])
        # Sharper from moment to moment, to see that the integers move along too.
        sharpness = 1 + 0.1 * tf.cast(state["moment"], tf.float32)
        logits = tf.einsum("bks,sp->bkp", h, v) * sharpness[..., None]
        return logits, {"h": (h,), "moment": state["moment"] + 1}

    return step, memory, {"h": (h,), "moment": tf.zeros([tf.shape(h)[0]], tf.int32)}


@functools.cache
def graph(function, pieces, forbidden, *options):
    """A search, traced once for all toys of so many pieces."""
    floats, numbers = tf.TensorSpec([None, None]), tf.TensorSpec([None])
    request = [floats, floats, tf.TensorSpec([None, pieces]), floats, floats]
    request.append(tf.TensorSpec([None], tf.int32))
    if function is sample:
        request += [tf.TensorSpec([None], tf.int64), numbers, numbers]

    @tf.function(input_signature=request)
    def search(e, w, v, memory, h, limits, *tensors):
        begun = (*start(e, w, v, memory, h), BEGIN, END)
        return function(*begun, limits, *tensors, **dict(options), forbidden=forbidden)

    return search


@pytest.fixture(scope="session")
def toy():
    return Toy


@pytest.fixture(scope="session")
def start_toy():
    return start


@pytest.fixture(scope="session")
def texts():
    """The tokens of all hypotheses of a row that are there."""

    def of(found, row):
        return [
            tuple(tokens[:length].tolist())
            for tokens, length, score in zip(
                found.tokens[row], found.lengths[row], found.scores[row], strict=True
            )
            if score > -np.inf
        ]

    return of


@pytest.fixture(scope="session")
def everything():
    """All that a decoder may write in a row, with scores, the best first."""

    def of(toy, row, limit, alpha):
        usable = [token for token in toy.choices if token != END]
        written = [t for n in range(limit) for t in itertools.product(usable, repeat=n)]
        scored = [
            (toy.log_probability(row, text) / ((6 + len(text)) / 6) ** alpha, text)
            for text in written
        ]
        return sorted(scored, reverse=True)

    return of


@pytest.fixture(scope="session")
def check(texts):
    """Checks what holds of every search's answer."""

    def check(toy, found, limits, alpha=0.0):
        assert found.tokens.dtype == found.lengths.dtype == np.int32
        assert found.log_probabilities.dtype == found.scores.dtype == np.float32
        assert found.tokens.shape[2] == found.lengths.max(initial=0)
        padding = np.arange(found.tokens.shape[2]) >= found.lengths[:, :, None]
        assert (found.tokens[padding] == 0).all()
        assert (found.lengths < np.asarray(limits)[:, None]).all()
        for row in range(toy.batch):
            written = texts(found, row)
            assert len(set(written)) == len(written) > 0
            assert not {END, *toy.forbidden} & set(itertools.chain(*written))
            expected = np.array([toy.log_probability(row, text) for text in written])
            penalties = [((6 + len(text)) / 6) ** alpha for text in written]
            there = slice(len(written))
            np.testing.assert_allclose(found.log_probabilities[row, there], expected, rtol=1e-4)
            np.testing.assert_allclose(found.scores[row, there], expected / penalties, rtol=1e-4)
            assert (np.diff(found.scores[row, there]) <= 0).all()
            assert (found.log_probabilities[row, len(written) :] == -np.inf).all()
            assert (found.lengths[row, len(written) :] == 0).all()

    return check
