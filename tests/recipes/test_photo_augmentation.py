import numpy as np
import pytest

from zoo.recipes.photo_augmentation import keeps_mirrored, varied

SIZE = 40


def ramp(n=8):
    """Photos whose red grows to the right and whose green grows downwards."""
    line = np.linspace(-0.5, 0.5, SIZE, dtype=np.float32)
    red, green = np.meshgrid(line, line)
    return np.broadcast_to(np.stack([red, green, 0 * red], -1), (n, SIZE, SIZE, 3))


@pytest.mark.parametrize(
    ("caption", "keeps"),
    [
        ("A dog runs .", True),
        ("The dog on the left runs .", False),
        ("Right of the tree is a dog .", False),
        ("A bright dog has its leftovers .", True),
    ],
)
def test_a_caption_that_names_a_side_does_not_fit_the_mirrored_photo(caption, keeps):
    assert keeps_mirrored(caption) == keeps


def test_the_same_generator_gives_the_same_photos():
    photos = [varied(ramp(), np.zeros(8, bool), np.random.default_rng(n)) for n in (0, 0, 1)]
    np.testing.assert_array_equal(photos[0], photos[1])
    assert not np.allclose(photos[0], photos[2], atol=0.01)


def test_photos_are_cut_lit_and_mirrored_one_by_one():
    mirrored = np.array([True, False] * 4)
    photos = np.array(varied(ramp(), mirrored, np.random.default_rng(0)))
    assert photos.shape == (8, SIZE, SIZE, 3)
    assert np.abs(photos).max() <= 1
    to_the_right = photos[:, :, -1, 0].mean(1) - photos[:, :, 0, 0].mean(1)
    np.testing.assert_array_equal(to_the_right < 0, mirrored)
    downwards = photos[:, -1, :, 1].mean(1) - photos[:, 0, :, 1].mean(1)
    # At least 0.8 of the photo is seen, and contrast changes by 0.15.
    for slope in (np.abs(to_the_right), downwards):
        assert slope.min() > 0.8 * 0.85 - 0.01
        assert slope.max() < 1.15 + 0.01
        assert np.ptp(slope) > 0.05
