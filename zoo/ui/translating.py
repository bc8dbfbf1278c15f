"""The tab of a translator: its best answers, and where the decoder looked."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

from zoo.analysis.attention_pictures import alignment_figure
from zoo.forms import TextGenerator
from zoo.ui.models import Models
from zoo.ui.plain import given, plainly

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def translate(model: TextGenerator, text: str | None) -> tuple[list[list[str]], "Figure | None"]:
    """The best answers with their scores, the best first, and the alignment of the best one.

    Returns:
        Rows of answer and score; the picture, or None where the answer is empty.

    Raises:
        UserError: the text is empty or too long, or the model does not answer.
    """
    text = given(text)
    [answers] = model.n_best([text])
    [looked] = model.explain([text])
    rows = [[answer.text, f"{answer.score:.3f}"] for answer in answers]
    if not looked.target:
        return rows, None
    return rows, alignment_figure(looked.source, looked.target, looked.attention)


def tab(models: Models, name: str, label: str, examples: list[str]) -> Callable[[], object]:
    """Lay out the tab of a model, its examples below the text.

    Returns:
        What loads the model and has it answer once, since the first answer takes longest.
    """

    def ask(text: str | None) -> Any:
        return translate(models[name], text)

    with gr.Row():
        with gr.Column():
            text = gr.Textbox(label=label, max_lines=8, submit_btn=True)
            gr.Examples([[example] for example in examples], text, label="Try")
            answers = gr.Dataframe(
                headers=["translation", "score"],
                datatype="str",
                label="The best translations",
                interactive=False,
                wrap=True,
                column_widths=["70%", "30%"],
                buttons=[],
            )
        picture = gr.Plot(label="Where the decoder looked", format="png", elem_classes="plot")
    text.submit(plainly(ask), text, [answers, picture])
    return lambda: ask(examples[0])
