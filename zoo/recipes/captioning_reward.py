"""Learning from one's own captions: self-critical sequence training (Rennie et al. 2017).

The decoder draws several captions of a photo. Each that agrees with people's better than the others
do becomes likelier, and each that does worse less likely: REINFORCE, whose baseline is the mean
reward of the others (Luo 2020). The reward is CIDEr-D, with the end of a caption as a word of its
own: else captions learn to break off where the next word would cost.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.data.batches import Draw
from zoo.data.captioned import Captioned
from zoo.metrics.cider import CiderD
from zoo.metrics.ptb import ptb_words
from zoo.recipes.captioning_config import CaptioningConfig
from zoo.recipes.captioning_lessons import Lessons
from zoo.recipes.config import chosen
from zoo.recipes.learned import Learned
from zoo.recipes.writing import surprise
from zoo.training import checkpoint
from zoo.training.run import RunFolder, read_json, write_json

_PHOTOS_AT_ONCE = 64
_ANY_LENGTH = 10_000  # tokens
_END = "</s>"


def learn_by_reward(
    config: CaptioningConfig,
    train: Captioned,
    validation: Captioned,
    run: RunFolder,
    before: RunFolder,
) -> Learned:
    """Train the decoder by its own captions, or go on from the last checkpoint.

    What is validated is the CIDEr-D of the greedy search.

    Args:
        config: the settings.
        train: photos, and what captions of them are held to.
        validation: what chooses the epoch.
        run: where checkpoints and the history go.
        before: a finished run of `captioning_learning.learn_to_write` or `learn_to_look`.
    """
    from zoo.export.rebuild import rebuild
    from zoo.text.sequences import to_be_told
    from zoo.training import reproducible
    from zoo.training.fit import FitConfig, compile_model, fit
    from zoo.training.precision import precision

    reproducible.seed_everything(config.seed)
    document = read_json(before.model_file)
    write_json(run.model_file, document)
    with precision(config.precision):
        encoder, model = rebuild(document)
    checkpoint.load(before.best_file, model.variables)
    model.encoder.trainable = False
    # What is made likelier was drawn by the same network: nothing is dropped.
    for dropout in (model.grid_dropout, *model.decoder.dropouts):
        dropout.rate = 0.0
    writer = _Writer(encoder.config.vocabulary, model, document, config.drawn)
    lessons, held_out = (Lessons(encoder, part, _ANY_LENGTH) for part in (train, validation))
    look, look_at_held_out = lessons.cached(model), held_out.cached(model)
    reward, held_out_reward = _reward(train), _reward(validation)

    def collate(draw: Draw) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
        places, seed = draw
        random = np.random.default_rng(seed)
        grid = look(places, random)["grid"]
        rows, captions = writer.draw(grid, random)
        of = np.repeat(np.arange(len(places), dtype=np.int32), config.drawn)
        rewards = [
            reward(int(places[n]), _words(text)) for n, text in zip(of, captions, strict=True)
        ]
        before, told = to_be_told(rows)
        advantages = advantages_of(np.reshape(rewards, (len(places), config.drawn)))
        return {"grid": grid, "of": of, "target": before}, told, advantages.reshape(-1, 1)

    def validate(_: Any) -> dict[str, float]:
        captions: list[str] = []
        for begin in range(0, len(validation), _PHOTOS_AT_ONCE):
            places = np.arange(begin, min(begin + _PHOTOS_AT_ONCE, len(validation)))
            captions += writer.best(look_at_held_out(places, None)["grid"])
        agreements = [held_out_reward(n, _words(text)) for n, text in enumerate(captions)]
        agreement = float(np.mean(agreements))
        return {"val_loss": -agreement, "val_cider_d": agreement}

    draws = lessons.draws(config.batch_size, config.seed)
    schedule = dataclasses.replace(
        chosen(FitConfig, config), epochs=config.reward_epochs, learning_rate=config.reward_rate
    )
    steps = draws.per_epoch * config.reward_epochs
    compile_model(model, schedule, steps, lambda told, logits: surprise(told, logits, 0.0))
    fit(model, draws, collate, validate, run, schedule)
    model.encoder.trainable = True
    return Learned(document, encoder, model, draws.per_epoch)


def advantages_of(rewards: np.ndarray) -> np.ndarray:
    """How much better each caption of a photo is than the mean of the others.

    Args:
        rewards: float `[photos, captions]`, at least two captions.

    Returns:
        Float32 of the same shape; each row adds up to 0.
    """
    others = rewards.sum(axis=1, keepdims=True) - rewards
    return (rewards - others / (rewards.shape[1] - 1)).astype(np.float32)


class _Writer:
    """What a model in training writes about grids, by the weights that it has at the moment."""

    def __init__(
        self, vocabulary: Sequence[str], model: Any, document: dict[str, Any], drawn: int
    ) -> None:
        import tensorflow as tf

        from zoo.export.captioner import Captioner, Seen
        from zoo.text.vocabulary import BEGIN, END

        captioner = Captioner(vocabulary, model, {**document, "answer": "caption"})
        self._begin, self._end = vocabulary.index(BEGIN), vocabulary.index(END)
        self._drawn, self._longest = drawn, captioner.longest
        size = model.encoder.output_shape[-1]
        grid = tf.TensorSpec([None, None, size])

        def seen(grid: tf.Tensor, times: int) -> Seen:
            source = tf.nest.map_structure(
                lambda x: tf.repeat(x, times, axis=0), model.encode(grid)
            )
            rows = tf.shape(grid)[0] * times
            return Seen(source, tf.fill([rows], captioner.longest), tf.fill([rows], True))

        @tf.function(input_signature=[grid, tf.TensorSpec([None], tf.int64)])
        def drawn_of(grid: tf.Tensor, seeds: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            plain = tf.ones_like(seeds, tf.float32)
            tokens = captioner.sample(seen(grid, drawn), seeds, plain, plain).tokens[:, 0]
            return tokens, captioner.detokenize(tokens)

        @tf.function(input_signature=[grid])
        def best_of(grid: tf.Tensor) -> tf.Tensor:
            return captioner.detokenize(captioner.greedy(seen(grid, 1)).tokens[:, 0])

        self._drawn_of, self._best_of = drawn_of, best_of

    def draw(
        self, grid: np.ndarray, random: np.random.Generator
    ) -> tuple[list[np.ndarray], list[str]]:
        """Captions of each photo as of `zoo.text.sequences.target_rows`, and as texts.

        The end that the limit puts to a caption was not drawn, and is left out.
        """
        seeds = random.integers(2**62, size=len(grid) * self._drawn)
        tokens, texts = (x.numpy() for x in self._drawn_of(grid, seeds))
        rows = [
            np.concatenate([[self._begin], row[row > 0], [self._end]])[: self._longest]
            for row in tokens
        ]
        return rows, [text.decode() for text in texts]

    def best(self, grid: np.ndarray) -> list[str]:
        """A caption of each photo, by the greedy search."""
        return [text.decode() for text in self._best_of(grid).numpy()]


def _reward(photos: Captioned) -> CiderD:
    return CiderD([[_words(caption) for caption in captions] for captions in photos.captions])


def _words(caption: str) -> list[str]:
    return [*ptb_words(caption), _END]
