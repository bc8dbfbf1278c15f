import io

import keras
import numpy as np
import pytest
from PIL import Image

from zoo.errors import UserError
from zoo.models import one_to_many
from zoo.models.one_to_many import OneToMany, OneToManyConfig
from zoo.recipes import photo_features
from zoo.recipes.photo_features import grids


@pytest.fixture
def model(monkeypatch, tmp_path):
    def small_encoder(size, _):
        return keras.Sequential([keras.Input((size, size, 3)), keras.layers.Conv2D(5, 32, 32)])

    monkeypatch.setattr(one_to_many, "photo_encoder", small_encoder)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    monkeypatch.setattr(photo_features, "_BATCH", 3)
    keras.utils.set_random_seed(0)
    return OneToMany(OneToManyConfig(9, 64, 1.0, 4, "gru", 2, 4, "none", 4, 0.0))


def photo(n):
    noise = np.random.default_rng(n).integers(0, 255, (64, 64, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    return file.getvalue(), noise / 127.5 - 1


IMAGES = [photo(n)[0] for n in range(7)]
PIXELS = np.stack([photo(n)[1] for n in range(7)]).astype(np.float32)


@pytest.mark.parametrize("mirrored", [False, True])
def test_grids_are_what_the_model_sees(model, mirrored):
    found = grids(model, IMAGES, mirrored)
    assert (found.dtype, found.shape) == (np.float16, (7, 4, 5))
    expected = model.see(PIXELS[:, :, ::-1] if mirrored else PIXELS)
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)


def test_they_are_computed_once(model, monkeypatch, tmp_path):
    first = np.array(grids(model, IMAGES))
    monkeypatch.setattr(photo_features, "_write", None)
    np.testing.assert_array_equal(grids(model, IMAGES), first)
    assert len(list((tmp_path / "photo_features").iterdir())) == 1


def test_another_encoder_or_other_photos_have_others(model, tmp_path):
    grids(model, IMAGES)
    grids(model, IMAGES, mirrored=True)
    grids(model, IMAGES[::-1])
    bias = model.encoder.variables[1]
    bias.assign(bias + 1)
    grids(model, IMAGES)
    model.projection.kernel.assign(0 * model.projection.kernel)  # no part of the encoder
    grids(model, IMAGES)
    assert len(list((tmp_path / "photo_features").glob("*.npy"))) == 4


def test_an_unreadable_photo_is_told_and_nothing_is_left(model, tmp_path):
    with pytest.raises(UserError, match="photo 5 of 8 is no readable JPEG or PNG file"):
        grids(model, [*IMAGES[:4], b"text", *IMAGES[4:]])
    assert list((tmp_path / "photo_features").iterdir()) == []
