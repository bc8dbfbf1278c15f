"""Runs a module as `python -m` does, and kills the process where $KILL says.

`step:N` kills before the step of that number of this process, `write:N` in the middle of writing
the checkpoint of that number; without $KILL nothing is touched.
"""

import io
import os
import runpy
import signal
import sys


def kill_at(step: int) -> None:
    import keras

    train = keras.Model.train_on_batch
    calls = 0

    def train_on_batch(*arguments):
        nonlocal calls
        calls += 1
        if calls == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return train(*arguments)

    keras.Model.train_on_batch = train_on_batch


def kill_in(write: int) -> None:
    import numpy as np

    savez = np.savez
    calls = 0

    def half(file, **arrays):
        nonlocal calls
        calls += "checkpoint.npz" in file.name
        if calls < write:
            savez(file, **arrays)
            return
        whole = io.BytesIO()
        savez(whole, **arrays)
        file.write(whole.getvalue()[: whole.tell() // 2])
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    np.savez = half


if __name__ == "__main__":
    place, _, number = os.environ.get("KILL", "").partition(":")
    if place:
        {"step": kill_at, "write": kill_in}[place](int(number))
    module, sys.argv = sys.argv[1], sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
