"""TensorFlow, imported without its chatter."""

import os
import sys
import tempfile


def import_tensorflow() -> None:
    """Import TensorFlow, and keep what it prints while it is imported from standard error.

    Its C++ libraries tell of processor features and missing drivers before any setting of the
    log level takes effect. What they say is shown if the import fails.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices()  # what a machine without a GPU complains of
        except BaseException:
            kept.seek(0)
            os.write(shown, kept.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)
