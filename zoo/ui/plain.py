"""What a person gave, bounded, and what went wrong, in a plain sentence."""

import functools
import html
import logging
from collections.abc import Callable
from typing import TypeVar

import gradio as gr

from zoo.errors import UserError

_log = logging.getLogger(__name__)

MOST_CHARACTERS = 20_000
"""Of one text; the models read less of it, and what they read of a long review is below it."""

_Answer = TypeVar("_Answer")


def given(text: str | None) -> str:
    """A text that may be asked.

    Raises:
        UserError: it is empty, or too long.
    """
    if not text or not text.strip():
        raise UserError("There is no text yet: type something first.")
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            f"This text has {len(text):,} characters: shorten it to {MOST_CHARACTERS:,}."
        )
    return text


def plainly(function: Callable[..., _Answer]) -> Callable[..., _Answer]:
    """A function of the page whose errors are shown on the page, and leave it working."""

    @functools.wraps(function)
    def shown(*args: object) -> _Answer:
        try:
            return function(*args)
        except UserError as error:
            message = str(error)
        except Exception:
            _log.exception("a question of the page failed")
            message = "The model could not answer this: the terminal of this page says why."
        # The page takes this for HTML.
        raise gr.Error(html.escape(message), print_exception=False)

    return shown
