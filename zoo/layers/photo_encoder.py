"""What a photo shows, place by place: MobileNetV2 (Sandler et al. 2018)."""

import contextlib
import sys
import warnings
from pathlib import Path
from typing import Any

import keras
from keras import ops

from zoo.errors import UserError

IMAGENET = "imagenet"

_CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)


def photo_encoder(size: int, width: float) -> keras.Model:
    """MobileNetV2 without its classifier, and without batch norm.

    What batch norm does after training is folded into the convolutions before it: W' = s W and
    b' = beta - s mean, where s = gamma / sqrt(variance + epsilon). Fine-tuning cannot then change
    the statistics, which small batches would spoil, and there is less to compute and to store.

    Args:
        size: pixels on a side, a multiple of 32.
        width: of every layer but the last, as a share of the published one.

    Returns:
        With new weights, of which `load_pretrained` or `calibrate` makes a beginning; maps photos
        float `[batch, size, size, 3]` in [-1, 1] to a grid float
        `[batch, size / 32, size / 32, 1280]`.
    """

    def with_bias(layer: keras.layers.Layer) -> keras.layers.Layer:
        bias = {"use_bias": True} if isinstance(layer, _CONVOLUTIONS) else {}
        return type(layer).from_config({**layer.get_config(), **bias})

    def call(layer: keras.layers.Layer, x: Any, **_: Any) -> Any:
        return x if isinstance(layer, keras.layers.BatchNormalization) else layer(x)

    published = _published(size, width)
    return keras.models.clone_model(published, clone_function=with_bias, call_function=call)


def load_pretrained(encoder: keras.Model, width: float, weights: str) -> None:
    """Give a `photo_encoder` weights learned from ImageNet.

    Args:
        encoder: of this width.
        width: as of `photo_encoder`.
        weights: `imagenet`, which downloads them, or the path of a Keras weights file (`.h5`) of
            `keras.applications.MobileNetV2` without its classifier.

    Raises:
        UserError: they cannot be downloaded or read, or do not fit.
    """
    if weights != IMAGENET and not Path(weights).is_file():
        raise UserError(f"{weights} does not exist: name a weights file of MobileNetV2")
    try:
        # Keras shows the download's progress on standard output, which belongs to the answer.
        with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns of every layer that a file lacks
            published = _published(encoder.input_shape[1], width, weights)
    except (
        Exception
    ) as error:  # Keras raises all kinds, a bare Exception for the network among them
        if weights == IMAGENET:
            raise UserError(
                "the ImageNet weights could not be downloaded: check the network, or name a "
                "weights file of MobileNetV2"
            ) from error
        raise UserError(
            f"{weights} is damaged, or holds no weights of MobileNetV2 without its classifier, of "
            f"width {width}: name another file"
        ) from error
    _fold(published, encoder)


def calibrate(encoder: keras.Model, width: float, photos: Any) -> None:
    """Give a `photo_encoder` new weights under which no layer's signal vanishes.

    Batch norm's statistics are those of one batch, and are folded like learned ones: a
    data-dependent initialisation (Krähenbühl et al. 2016), where nothing pretrained is at hand.

    Args:
        encoder: of this width.
        width: as of `photo_encoder`.
        photos: float `[batch, size, size, 3]`, as many and as different as can be.
    """
    published = _published(encoder.input_shape[1], width)
    for layer in published.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    published(photos, training=True)
    _fold(published, encoder)


def _published(size: int, width: float, weights: str | None = None) -> keras.Model:
    return keras.applications.MobileNetV2(
        input_shape=(size, size, 3), alpha=width, include_top=False, weights=weights
    )


def _fold(published: keras.Model, encoder: keras.Model) -> None:
    """Make an encoder do what the published network does after training."""
    for convolution, norm in zip(published.layers, published.layers[1:], strict=False):
        if isinstance(norm, keras.layers.BatchNormalization):
            scale = norm.gamma / ops.sqrt(norm.moving_variance + norm.epsilon)
            depthwise = isinstance(convolution, keras.layers.DepthwiseConv2D)
            folded = encoder.get_layer(convolution.name)
            folded.kernel.assign(convolution.kernel * (scale[:, None] if depthwise else scale))
            folded.bias.assign(norm.beta - norm.moving_mean * scale)
