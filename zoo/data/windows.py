"""Texts as streams, cut in windows: what a language model reads, a pure function of the seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

# Between two texts; also the number of padding, which stands where there is no text.
BOUNDARY = 0

Window = dict[str, np.ndarray]


@dataclass(frozen=True)
class Windows:
    """Windows over streams of text.

    In each epoch the texts, in a new order and with a boundary after each, are joined to one long
    text, which is cut into streams of one length. A window is `time` tokens of every stream, and
    the one after it, where the next window begins. The backward direction reads the same streams
    from their end.

    Attributes:
        texts: int32 `[length]` each.
        streams: that are read side by side.
        time: tokens in a window.
        samples: tokens that are drawn for each window, by `probabilities`.
        probabilities: of each token, float `[pieces]`.
        seed: of the order and the draws.
    """

    texts: Sequence[np.ndarray]
    streams: int
    time: int
    samples: int
    probabilities: np.ndarray
    seed: int

    @property
    def per_epoch(self) -> int:
        """Number of windows in an epoch; tokens that do not fill a window are left out."""
        tokens = sum(len(text) + 1 for text in self.texts)
        return (tokens // self.streams - 1) // self.time

    def epoch(self, number: int) -> "Epoch":
        """The windows of an epoch."""
        random = np.random.default_rng([self.seed, number])
        end = np.array([BOUNDARY], np.int32)
        joined = np.concatenate(
            [part for n in random.permutation(len(self.texts)) for part in (self.texts[n], end)]
        )
        length = len(joined) // self.streams
        return Epoch(self, number, joined[: self.streams * length].reshape(self.streams, length))


@dataclass(frozen=True)
class Epoch(Sequence[Window]):
    """The windows of one epoch, made when they are asked for.

    Attributes:
        windows: what the epoch is one of.
        number: of the epoch.
        tokens: int32 `[streams, length]`.
    """

    windows: Windows
    number: int
    tokens: np.ndarray

    def __len__(self) -> int:
        return self.windows.per_epoch

    def __iter__(self) -> Iterator[Window]:
        return (self[n] for n in range(len(self)))

    def __getitem__(self, n: int) -> Window:  # type: ignore[override]
        """`forward` and `backward` int32 `[streams, time + 1]`, `negatives` int32 `[samples]`."""
        windows = self.windows
        read = slice(n * windows.time, (n + 1) * windows.time + 1)
        random = np.random.default_rng([windows.seed, self.number, n])
        negatives = np.searchsorted(
            np.cumsum(windows.probabilities), random.random(windows.samples), side="right"
        )
        last = len(windows.probabilities) - 1  # the probabilities may add up to just less than 1
        return {
            "forward": self.tokens[:, read],
            "backward": self.tokens[:, ::-1][:, read],
            "negatives": np.minimum(negatives, last).astype(np.int32),
        }
