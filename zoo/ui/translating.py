"""The tab of a translator: its best answers, and where the decoder looked."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

from zoo.analysis.attention_pictures import alignment_figure
from zoo.forms import TextGenerator
from zoo.ui.models import Models
from zoo.ui.plain import given, plainly
from zoo.ui.ranked import rows_of, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def translate(model: TextGenerator, text: str | None) -> list[list[str]]:
    """The best answers with their scores, the best first.

    Raises:
        UserError: the text is empty or too long, or the model does not answer.
    """
    [answers] = model.n_best([given(text)])
    return rows_of(answers)


def align(model: TextGenerator, text: str | None) -> "Figure | None":
    """The alignment of the best answer; None where that is empty.

    Raises:
        UserError: as `translate`.
    """
    [looked] = model.explain([given(text)])
    if not looked.target:
        return None
    return alignment_figure(looked.source, looked.target, looked.attention)


def tab(models: Models, name: str, label: str, examples: list[str]) -> Callable[[], object]:
    """Lay out the tab of a model, its examples below the text.

    Returns:
        What loads the model and has it answer once, since the first answer takes longest.
    """

    def ask(text: str | None) -> list[list[str]]:
        return translate(models[name], text)

    def look(text: str | None) -> Any:
        return align(models[name], text)

    with gr.Row():
        with gr.Column():
            text = gr.Textbox(label=label, max_lines=8, submit_btn=True)
            gr.Examples([[example] for example in examples], text, label="Try")
            answers = table("translation")
        picture = gr.Plot(label="Where the decoder looked", format="png", elem_classes="plot")
    # The answers are not kept waiting for their picture.
    text.submit(plainly(ask), text, answers).success(plainly(look), text, picture)
    return lambda: (ask(examples[0]), look(examples[0]))
