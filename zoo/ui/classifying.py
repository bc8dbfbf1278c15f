"""The tab of a classifier: how sure it is, and which words carried the answer."""

import html
from collections.abc import Callable
from typing import Any

import gradio as gr

from zoo.answers import coloured
from zoo.forms import TextClassifier
from zoo.ui.models import Models
from zoo.ui.plain import given, plainly

_FOR, _AGAINST = "220, 60, 60", "60, 110, 220"


def classify(model: TextClassifier, text: str | None) -> tuple[dict[str, float], str]:
    """The probability of each label, and the text with its words coloured, as HTML.

    Raises:
        UserError: the text is empty or too long, or the model does not answer.
    """
    text = given(text)
    [answer] = model([text])
    [explanation] = model.explain([text])
    label = model.document["positive"] or answer.label
    words = "".join(
        _word(part, weight, share)
        for part, weight, share in coloured(text, explanation.tokens, explanation.weights)
    )
    return answer.probabilities, (
        f'<p class="words">{words}</p>'
        f'<p class="legend"><mark style="background: rgb({_FOR}, 0.5)">red</mark> speaks for '
        f'{html.escape(label)}, <mark style="background: rgb({_AGAINST}, 0.5)">blue</mark> '
        "against it; point at a word for its share in the logit</p>"
    )


def tab(models: Models, name: str, label: str, examples: list[str]) -> Callable[[], object]:
    """Lay out the tab of a model, its examples below the text.

    Returns:
        What loads the model and has it answer once, since the first answer takes longest.
    """

    def ask(text: str | None) -> Any:
        return classify(models[name], text)

    with gr.Row():
        with gr.Column():
            text = gr.Textbox(label=label, max_lines=12, submit_btn=True, elem_classes="tall")
            gr.Examples([[example] for example in examples], text, label="Try")
        with gr.Column():
            sure = gr.Label(label="How sure the model is")
            words = gr.HTML(label="Which words carried it", show_label=True, container=True)
    text.submit(plainly(ask), text, [sure, words])
    return lambda: ask(examples[0])


def _word(part: str, weight: float, share: float) -> str:
    escaped = html.escape(part)
    if not share:
        return escaped
    colour = f"rgb({_FOR if share > 0 else _AGAINST}, {0.6 * abs(share):.2f})"
    return f'<mark title="{weight:+.2f}" style="background: {colour}">{escaped}</mark>'
