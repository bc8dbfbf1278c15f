"""The tab of a chatbot: a conversation with a temperature, each reply drawn with a fresh seed."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from zoo.data.dialogues import one_line, written
from zoo.errors import UserError
from zoo.forms import TextGenerator
from zoo.ui.models import Models
from zoo.ui.plain import given, plainly

_TOP_P, _TEMPERATURE = 0.9, 0.7
_MOST_TURNS = 200  # the model reads the newest few
_SEEDS = 2**31

Messages = list[dict[str, str]]


def reply(
    model: TextGenerator, turns: Sequence[str], text: str | None, temperature: float, seed: int
) -> list[str]:
    """A conversation with two more turns: the user's and the model's.

    Args:
        model: that speaks.
        turns: so far, the model's last.
        text: the user's turn.
        temperature: of drawing the reply; 0 for the best of several.
        seed: of the draw.

    Raises:
        UserError: the turn is empty or too long, or the model does not answer.
    """
    turns = [*turns, one_line(given(text))][-_MOST_TURNS + 1 :]
    history = written(turns)
    if temperature > 0:
        [answer] = model.sample([history], [seed], temperature, _TOP_P)
    else:
        [answer] = model([history])
    return [*turns, answer.text]


def messages(turns: Sequence[str]) -> Messages:
    """A conversation as it is shown; the user began it."""
    return [
        {"role": "assistant" if n % 2 else "user", "content": turn or "…"}
        for n, turn in enumerate(turns)
    ]


def tab(models: Models, name: str, label: str, examples: list[str]) -> Callable[[], object]:
    """Lay out the tab of a model, its examples below the text.

    Returns:
        What loads the model and has it answer once, since the first answer takes longest.
    """

    def said(turns: list[str], text: str | None, temperature: float) -> tuple[Any, ...]:
        seed = secrets.randbelow(_SEEDS)
        turns = reply(models[name], turns, text, temperature, seed)
        drawn = f"Drawn with the seed {seed}." if temperature > 0 else "The best of several."
        return turns, messages(turns), "", drawn

    def again(turns: list[str], temperature: float) -> tuple[Any, ...]:
        if not turns:
            raise UserError("There is no reply yet: say something first.")
        before, asked = turns[:-2], turns[-2]
        return said(before, asked, temperature)

    turns = gr.State([])
    shown = gr.Chatbot(
        label="The conversation", height=360, render_markdown=False, sanitize_html=True, buttons=[]
    )
    how = gr.Markdown()
    text = gr.Textbox(label=label, max_lines=4, submit_btn=True)
    gr.Examples([[example] for example in examples], text, label="Try")
    temperature = gr.Slider(
        0,
        2,
        _TEMPERATURE,
        step=0.1,
        label="Temperature",
        info="0 gives the best of several, above 1 is wild",
    )
    with gr.Row():
        another = gr.Button("Another reply")
        anew = gr.Button("New chat")
    outputs = [turns, shown, text, how]
    text.submit(plainly(said), [turns, text, temperature], outputs)
    another.click(plainly(again), [turns, temperature], outputs)
    gr.on([anew.click, shown.clear], lambda: ([], [], "", ""), None, outputs)
    return lambda: said([], examples[0], _TEMPERATURE)
