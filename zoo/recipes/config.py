"""A task's config: a frozen dataclass whose fields are the options of `zoo train`."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from zoo.errors import UserError

T = TypeVar("T")


def chosen(kind: Callable[..., T], config: Any, **given: Any) -> T:
    """A dataclass from the settings that have the names of its fields.

    Args:
        kind: the dataclass.
        config: the settings.
        given: fields that are not settings.
    """
    names = [field.name for field in dataclasses.fields(cast(Any, kind))]
    return kind(**{n: getattr(config, n) for n in names if hasattr(config, n)} | given)


def check_decided(document: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse settings that the model that training starts from has decided otherwise.

    Args:
        document: its `model.json`.
        given: settings by name.

    Raises:
        UserError: there is one.
    """
    encoder, model = document["encoder"], document["model"]
    decided = {**encoder, **model, "vocabulary_size": len(encoder["vocabulary"])}
    for name, value in given.items():
        if decided.get(name, value) != value:
            raise UserError(
                f"{name} is {decided[name]} in the model that training starts from: leave out "
                f"--{name.replace('_', '-')}"
            )


def check_at_least_one(config: Any, *names: str) -> None:
    """Refuse a config with a number below 1 in one of these fields.

    Raises:
        UserError: there is one.
    """
    for name in names:
        if getattr(config, name) < 1:
            raise UserError(f"{name} is {getattr(config, name)}, and must be at least 1")


def check_shares(config: Any, *names: str) -> None:
    """Refuse a config with a number outside of [0, 1) in one of these fields.

    Raises:
        UserError: there is one.
    """
    for name in names:
        if not 0 <= getattr(config, name) < 1:
            raise UserError(f"{name} is {getattr(config, name)}, and must be in [0, 1)")


def check_between(config: Any, name: str, least: int, most: int) -> None:
    """Refuse a config with a number below the least or above the most in this field.

    Raises:
        UserError: it has one.
    """
    if not least <= getattr(config, name) <= most:
        raise UserError(
            f"{name} is {getattr(config, name)}, and must be from {least:,} to {most:,}"
        )


def check_above_zero(config: Any, *names: str) -> None:
    """Refuse a config with a number that is not above 0, or not finite, in one of these fields.

    Raises:
        UserError: there is one.
    """
    for name in names:
        if not 0 < getattr(config, name) < math.inf:
            raise UserError(f"{name} is {getattr(config, name)}, and must be more than 0")


def check_at_least_zero(config: Any, *names: str) -> None:
    """Refuse a config with a number below 0, or not finite, in one of these fields.

    Raises:
        UserError: there is one.
    """
    for name in names:
        if not 0 <= getattr(config, name) < math.inf:
            raise UserError(f"{name} is {getattr(config, name)}, and must be at least 0")


def check_one_of(config: Any, name: str, *choices: str) -> None:
    """Refuse a config with another word in this field.

    Raises:
        UserError: there is one.
    """
    if getattr(config, name) not in choices:
        *others, last = choices
        raise UserError(
            f"unknown {name} {getattr(config, name)!r}: choose {', '.join(others)} or {last}"
        )


def check_training(config: Any) -> None:
    """Refuse a config with a `precision` or a `seed` that cannot be trained with.

    Raises:
        UserError: there is one.
    """
    check_one_of(config, "precision", "float32", "mixed_bfloat16")
    if not 0 <= config.seed < 2**32:
        raise UserError(f"seed is {config.seed}, and must be in [0, 2**32)")


def check_decoder(config: Any) -> None:
    """Refuse a config with a decoder that cannot be built.

    Raises:
        UserError: there is one.
    """
    check_one_of(config, "cell", "simple_rnn", "lstm", "gru")
    check_one_of(config, "attention", "additive", "multiplicative", "none")
    check_at_least_zero(config, "length_penalty")
    if config.decoder_layers < 2:
        raise UserError(f"decoder_layers is {config.decoder_layers}, and must be at least 2")


def setting(default: T, text: str) -> T:
    """A field of a config, with the sentence that `--help` shows."""
    return dataclasses.field(default=default, metadata={"help": text})
