"""What a search asks of a decoder, and what it finds."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

State = Any
"""A nested structure of tensors: tuples, dictionaries, named tuples."""

Step = Callable[[tf.Tensor, Any, State], tuple[tf.Tensor, State]]
"""One token further, for several hypotheses in each row of the batch.

Maps the last token of each, int32 `[batch, beam]`, the memory and the decoder's state, tensors
`[batch, beam, ...]`, to logits float32 `[batch, beam, pieces]`, where `pieces` is static, and the
next state, of the same structure and shapes. The memory is what all hypotheses of a row share, like
what an encoder remembers: tensors `[batch, ...]`, which are not moved with the hypotheses.
"""


class Hypotheses(NamedTuple):
    """What was found, the best first.

    Attributes:
        tokens: int32 `[batch, n, time]`, without the begin and the end token, then 0; time is
            the length of the longest.
        lengths: int32 `[batch, n]`, the number of these tokens.
        log_probabilities: float32 `[batch, n]`, the decoder's own log-probability of the tokens
            and the end token after them.
        scores: float32 `[batch, n]`, what they are sorted by.
    """

    tokens: tf.Tensor
    lengths: tf.Tensor
    log_probabilities: tf.Tensor
    scores: tf.Tensor


def forbid(tokens: Collection[int], pieces: int) -> np.ndarray:
    """What to add to log-probabilities that no choice may fall on these tokens.

    It is added after the softmax, and what is left is not normalised again: a search then finds
    the probabilities that the decoder gives to a text when it is given the text (teacher forcing).

    Returns:
        Float32 `[pieces]`, minus infinity or 0.
    """
    penalties = np.zeros(pieces, np.float32)
    penalties[list(tokens)] = -np.inf
    return penalties
