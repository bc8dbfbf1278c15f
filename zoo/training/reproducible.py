"""Equal seeds, equal weights."""

import keras


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and the backend, and choose the backend's deterministic kernels."""
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
