"""The precision of training."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def precision(policy: str) -> Iterator[None]:
    """Layers made inside compute by this policy, `float32` or `mixed_bfloat16`.

    Weights are float32 under both; under the second, products are of bfloat16, which processors
    with instructions for it compute about twice as fast (Micikevicius et al. 2018).
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
