"""Serialised tf.Examples with what they have in common."""

from collections.abc import Sequence

from zoo.serving.limits import Limits
from zoo.serving.status import invalid


def with_context(context: bytes, examples: Sequence[bytes], limits: Limits) -> list[bytes]:
    """Each tf.Example with the features of the context.

    Raises:
        ServingError: together they are larger than a request may be: a context that is sent once
            stands in each.
    """
    size = len(examples) * len(context) + sum(map(len, examples))
    if size > limits.body_bytes:
        raise invalid(
            f"The examples with their context have {size} bytes, more than {limits.body_bytes}"
        )
    # Two serialised messages in a row are one message, with the fields of both.
    return [context + example for example in examples]
