"""Photos and captions as a decoder, and later the encoder too, are taught with them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from zoo.data.batches import Batches, Draws
from zoo.data.captioned import Captioned
from zoo.errors import UserError
from zoo.recipes.photo_augmentation import keeps_mirrored, varied
from zoo.recipes.photo_features import grids

Look = Callable[[np.ndarray, np.random.Generator | None], dict[str, Any]]
"""Gives the `grid` or the `photo` of photos by their places; without a generator unvaried."""


class Lessons:
    """Photos, each with its captions as token numbers.

    Captions that are too long are left out, and so are photos without any other.

    Args:
        encoder: of captions, a `zoo.text.encoder.TextEncoder`.
        photos: with their captions.
        longest: tokens of a caption, begin and end among them.

    Attributes:
        images: files' content.
        rows: of each photo its captions, int32 `[time]` each.
        mirrors: bool `[photos]`, whether the captions are true of the mirrored photo too.

    Raises:
        UserError: no caption is short enough.
    """

    def __init__(self, encoder: Any, photos: Captioned, longest: int) -> None:
        from zoo.text.sequences import target_rows

        pairs = photos.pairs()
        written: list[list[np.ndarray]] = [[] for _ in photos.images]
        for (n, _), row in zip(
            pairs, target_rows(encoder, [caption for _, caption in pairs]), strict=True
        ):
            if len(row) <= longest:
                written[n].append(row)
        kept = [n for n, rows in enumerate(written) if rows]
        if not kept:
            raise UserError(f"no caption has at most {longest} tokens: raise --training-tokens")
        self.images = [photos.images[n] for n in kept]
        self.rows = [written[n] for n in kept]
        self.mirrors = np.array([all(map(keeps_mirrored, photos.captions[n])) for n in kept])

    def draws(self, size: int, seed: int) -> Draws:
        """Batches of so many photos whose longest captions are about equally long."""
        return Draws(Batches([max(map(len, rows)) for rows in self.rows], size, seed))

    def told(self, places: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """All captions of photos: `of` and `target` of the features of `OneToMany`, and targets."""
        from zoo.text.sequences import to_be_told

        of = np.repeat(np.arange(len(places)), [len(self.rows[n]) for n in places])
        before, told = to_be_told([row for n in places for row in self.rows[n]])
        return {"of": of.astype(np.int32), "target": before}, told

    def cached(self, model: Any) -> Look:
        """What a frozen encoder sees, half of the time in the mirror where that may be."""
        plain = grids(model, self.images)
        # The mirrored grids are made when they are first needed: validation needs none.
        chosen = np.flatnonzero(self.mirrors)
        place = np.cumsum(self.mirrors) - 1
        mirrored: list[np.ndarray] = []

        def look(places: np.ndarray, random: np.random.Generator | None) -> dict[str, Any]:
            grid = plain[places].astype(np.float32)
            if random is not None and len(chosen):
                if not mirrored:
                    mirrored.append(grids(model, [self.images[n] for n in chosen], mirrored=True))
                turned = self.mirrors[places] & (random.random(len(places)) < 0.5)
                grid[turned] = mirrored[0][place[places[turned]]]
            return {"grid": grid}

        return look

    def looked_at(self, model: Any) -> Look:
        """The photos themselves, in training a little different every time."""
        import tensorflow as tf

        from zoo.export.images import photo_reader

        read_photos = photo_reader(model.config.photo_size)

        def look(places: np.ndarray, random: np.random.Generator | None) -> dict[str, Any]:
            images = tf.constant([self.images[n] for n in places], tf.string)
            pixels = read_photos(images).pixels
            if random is not None:
                turned = self.mirrors[places] & (random.random(len(places)) < 0.5)
                pixels = varied(pixels, turned, random)
            return {"photo": np.asarray(pixels)}

        return look
