import keras
import pytest

from zoo.training.precision import precision


def test_layers_made_inside_are_of_the_policy_and_those_after_it_as_before():
    before = keras.config.dtype_policy()
    with precision("mixed_bfloat16"):
        inside = keras.layers.Dense(1)
    assert (inside.compute_dtype, inside.variable_dtype) == ("bfloat16", "float32")
    assert keras.config.dtype_policy() == before
    assert keras.layers.Dense(1).compute_dtype == before.compute_dtype != "bfloat16"


def test_an_error_inside_does_not_leave_the_policy_behind():
    before = keras.config.dtype_policy()
    with pytest.raises(ZeroDivisionError), precision("mixed_bfloat16"):
        raise ZeroDivisionError
    assert keras.config.dtype_policy() == before
