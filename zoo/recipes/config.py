"""A task's config: a frozen dataclass whose fields are the options of `zoo train`."""

import dataclasses
import math
from typing import Any, TypeVar

from zoo.errors import UserError

T = TypeVar("T")


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


def check_above_zero(config: Any, *names: str) -> None:
    """Refuse a config with a number that is not above 0, or not finite, in one of these fields.

    Raises:
        UserError: there is one.
    """
    for name in names:
        if not 0 < getattr(config, name) < math.inf:
            raise UserError(f"{name} is {getattr(config, name)}, and must be more than 0")


def setting(default: T, text: str) -> T:
    """A field of a config, with the sentence that `--help` shows."""
    return dataclasses.field(default=default, metadata={"help": text})
