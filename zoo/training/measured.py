"""Adam that tells how long the gradients were."""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops


class MeasuredAdam(keras.optimizers.Adam):
    """Adam that keeps the Euclidean norm of each weight's last gradient, before clipping.

    What it does to the weights is what Adam does.
    """

    def build(self, variables: Sequence[Any]) -> None:
        """Make the optimizer's variables for these weights."""
        if self.built:
            return
        super().build(variables)
        self.norms = self.add_variable(shape=(len(variables),), name="gradient_norms")

    def apply(self, grads: Sequence[Any], trainable_variables: Any = None) -> None:
        """Measure the gradients, then take the step."""
        self.norms.assign(ops.stack([_norm(gradient) for gradient in grads]))
        super().apply(grads, trainable_variables)

    def figures(self, variables: Sequence[Any]) -> Iterator[tuple[str, float]]:
        """The norm of all gradients together, and of each weight's, with their names."""
        norms = np.asarray(self.norms)
        yield "gradients/all", float(np.linalg.norm(norms))
        for variable, norm in zip(variables, norms, strict=True):
            yield f"gradients/{variable.path}", float(norm)


def _norm(gradient: Any) -> Any:
    if gradient is None:
        return ops.zeros(())
    return ops.cast(ops.sqrt(ops.sum(ops.square(gradient))), "float32")
