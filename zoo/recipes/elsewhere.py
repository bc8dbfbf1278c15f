"""Training on another machine: one with a GPU, without TensorFlow and without the data.

    zoo train sentiment --prepare                                      # here: writes run folders
    KERAS_BACKEND=torch python -m zoo.recipes.elsewhere RUN [RUN ...]  # there, on these folders
    zoo train sentiment                                                # here: goes on to the export

The folders are carried there and back; they hold the texts, as numbers and a vocabulary. A
classifier starts from the language models that are named before it. There a checkout is needed,
and `pip install torch keras numpy rich tensorboard matplotlib`.
"""

import sys
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import keras

from zoo.errors import UserError
from zoo.recipes import pretraining, text_classifier_learning, text_to_text_learning
from zoo.recipes.text_classifier_config import PretrainedConfig, TextClassifierConfig
from zoo.recipes.text_to_text_config import TextToTextConfig
from zoo.training.run import RunFolder, read_json


def teach(paths: Sequence[Path]) -> None:
    """Train prepared runs, in this order, or go on with them.

    Raises:
        UserError: there are none, or a folder holds no prepared run.
    """
    if not paths:
        raise UserError("give the run folders that --prepare named")
    if keras.backend.backend() == "torch":
        import torch

        # Products of numbers of 19 bits, which GPUs compute about ten times as fast.
        torch.set_float32_matmul_precision("high")
    language_model = None
    for path in paths:
        run = RunFolder(path)
        if not (run.lesson_file.exists() or run.result_file.exists()):
            raise UserError(f"{path} holds no prepared run: give the folders that --prepare named")
        settings = read_json(run.config_file)
        if settings.get("start") and not run.first_file.exists():
            raise UserError(f"{path} lacks first.npz, the weights to start from: prepare it again")
        if read_json(run.model_file)["form"] != "many_to_one":
            text_to_text_learning.teach(_config(TextToTextConfig, settings), run)
        elif "epochs" not in settings:
            pretraining.teach(_config(PretrainedConfig, settings, ngram_buckets=0), run)
            language_model = run
        else:
            load = None
            if settings.get("pretrained", "none") != "none":
                if language_model is None:
                    raise UserError(f"{path} starts from language models: give their run before it")
                load = partial(pretraining.load_language_model, run=language_model)
            text_classifier_learning.teach(_config(TextClassifierConfig, settings), run, load)


def _config(kind: Any, settings: dict[str, Any], **given: Any) -> Any:
    names = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in settings.items() if name in names} | given)


if __name__ == "__main__":
    try:
        teach([Path(path) for path in sys.argv[1:]])
    except UserError as error:
        sys.stderr.write(f"zoo: {error}\n")
        sys.exit(2)
