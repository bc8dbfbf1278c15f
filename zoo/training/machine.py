"""The machine that trains."""

import os
import platform

import keras


def describe_machine() -> str:
    """The machine in words, and the backend where it is not TensorFlow."""
    parts = [f"{os.cpu_count()} cores, {platform.machine()}", _accelerator() or "no accelerator"]
    if keras.backend.backend() == "torch":
        import torch

        parts.append(f"torch {torch.__version__}")
    return ", ".join(parts)


def _accelerator() -> str | None:
    if keras.backend.backend() == "torch":
        import torch

        return torch.cuda.get_device_name() if torch.cuda.is_available() else None
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    if not devices:
        return None
    return tf.config.experimental.get_device_details(devices[0]).get("device_name", "a GPU")
