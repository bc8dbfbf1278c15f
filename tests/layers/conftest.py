import keras
import pytest


@pytest.fixture(scope="module")
def float64():
    """Layers and their weights in double precision."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_dtype_policy(before)
