"""A task's config: a frozen dataclass whose fields are the options of `zoo train`."""

import dataclasses
from typing import TypeVar

T = TypeVar("T")


def setting(default: T, text: str) -> T:
    """A field of a config, with the sentence that `--help` shows."""
    return dataclasses.field(default=default, metadata={"help": text})
