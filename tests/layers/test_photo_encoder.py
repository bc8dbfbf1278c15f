import keras
import numpy as np
import pytest

from zoo.errors import UserError
from zoo.layers.photo_encoder import calibrate, load_pretrained, photo_encoder

SIZE, WIDTH = 64, 0.35


def photos(n=6):
    return np.random.default_rng(0).uniform(-1, 1, (n, SIZE, SIZE, 3)).astype(np.float32)


def published(width=WIDTH):
    """MobileNetV2 as Keras has it, its batch norm as after some training."""
    keras.utils.set_random_seed(0)
    network = keras.applications.MobileNetV2(
        input_shape=(SIZE, SIZE, 3), alpha=width, include_top=False, weights=None
    )
    random = np.random.default_rng(1)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            for variable in layer.variables:
                variable.assign(random.uniform(0.3, 1.5, variable.shape))
    return network


@pytest.fixture(scope="module")
def encoder():
    return photo_encoder(SIZE, WIDTH)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "mobilenet.weights.h5"
    published().save_weights(path)
    return path


def test_it_does_what_the_published_network_does(encoder, weights):
    load_pretrained(encoder, WIDTH, str(weights))
    expected = published()(photos(), training=False)
    assert encoder.output_shape == (None, 2, 2, 1280)
    assert np.std(expected) > 0.1
    np.testing.assert_allclose(encoder(photos(), training=True), expected, atol=1e-3)


def test_batch_norm_is_gone(encoder):
    assert encoder.non_trainable_variables == []
    kinds = {variable.name for variable in encoder.variables}
    assert kinds == {"kernel", "bias"}


def test_calibrated_signals_neither_vanish_nor_grow(encoder):
    keras.utils.set_random_seed(0)
    calibrate(encoder, WIDTH, photos(16))
    inner = [
        layer.output
        for layer in encoder.layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D)
    ]
    for signal in keras.Model(encoder.input, inner)(photos(16)):
        signal = np.asarray(signal)
        np.testing.assert_allclose(signal.mean((0, 1, 2)), 0, atol=1e-3)
        assert 0.5 < np.median(signal.std((0, 1, 2))) < 1.01


def test_weights_that_are_not_there_are_refused(encoder, tmp_path):
    with pytest.raises(UserError, match=r"none\.h5 does not exist: name a weights file"):
        load_pretrained(encoder, WIDTH, str(tmp_path / "none.h5"))


@pytest.mark.parametrize("kind", ["text", "another network", "another width"])
def test_weights_that_do_not_fit_are_refused(encoder, tmp_path, kind, recwarn):
    path = tmp_path / "other.weights.h5"
    if kind == "text":
        path.write_text("no weights")
    elif kind == "another network":
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save_weights(path)
    else:
        published(0.5).save_weights(path)
    recwarn.clear()
    with pytest.raises(UserError, match=r"is damaged, or holds no weights of .* width 0\.35") as e:
        load_pretrained(encoder, WIDTH, str(path))
    assert "\n" not in str(e.value)
    assert not recwarn.list


def test_a_failing_download_is_told(encoder, monkeypatch):
    def fail(**_):
        raise Exception("URL fetch failure on https://example.org: None -- timed out")  # as Keras

    monkeypatch.setattr(keras.applications, "MobileNetV2", fail)
    with pytest.raises(UserError, match="could not be downloaded: check the network, or name a"):
        load_pretrained(encoder, WIDTH, "imagenet")
