"""A conversation in the terminal."""

from collections.abc import Sequence
from typing import Protocol

import click

from zoo.errors import UserError

_HELP = "/reset begins anew, /temperature 0.8 draws (off: the best of several), Ctrl-D leaves"


class Speaker(Protocol):
    """What answers."""

    def __call__(self, history: Sequence[str], temperature: float | None, seed: int) -> str:
        """The next turn.

        Args:
            history: the turns so far, one or more, the user's last.
            temperature: of drawing the reply; None for the best of several.
            seed: of the draw.
        """


def converse(reply: Speaker, temperature: float | None = None, seed: int = 0) -> None:
    """Talks until the user leaves.

    Lines that begin with a slash are commands, blank ones nothing; all others are turns.

    Args:
        reply: answers.
        temperature: until the user gives another.
        seed: of the first turn; each turn has the next, so that the same is not drawn again.
    """
    click.echo(_HELP)
    history: list[str] = []
    while (line := _line()) is not None:
        if not line:
            continue
        if line == "/reset":
            history = []
            click.echo("(a new conversation)")
        elif line.startswith("/temperature"):
            try:
                temperature = temperature_of(line.removeprefix("/temperature").strip())
            except UserError as error:
                click.echo(f"({error})")
        elif line.startswith("/"):
            click.echo(f"({line.split()[0]} is no command: {_HELP})")
        else:
            history.append(line)
            history.append(reply(tuple(history), temperature, seed))
            seed += 1
            click.echo(f"     {history[-1]}")
    click.echo()


def _line() -> str | None:
    """What the user types, one space between words; None where they leave."""
    try:
        return " ".join(input("you: ").split())
    except EOFError:
        return None
    except UnicodeDecodeError as error:
        raise UserError("what was typed is no UTF-8: set the terminal to it") from error


def temperature_of(text: str) -> float | None:
    """Reads a temperature; `off` is None.

    Raises:
        UserError: it is none.
    """
    if text == "off":
        return None
    try:
        temperature = float(text)
    except ValueError:
        temperature = -1
    if not 0 <= temperature <= 10:
        raise UserError(f"a temperature is a number from 0 to 10, or off, not {text!r}")
    return temperature
