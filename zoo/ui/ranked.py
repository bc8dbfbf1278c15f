"""The table of a model's best answers."""

from collections.abc import Sequence

import gradio as gr

from zoo.forms import Generation


def rows_of(answers: Sequence[Generation]) -> list[list[str]]:
    """The rows of a `table`: each answer with its score."""
    return [[answer.text, f"{answer.score:.3f}"] for answer in answers]


def table(answer: str) -> gr.Dataframe:
    """Lay out a table of answers, each of which is called this."""
    return gr.Dataframe(
        headers=[answer, "score"],
        datatype="str",
        label=f"The best {answer}s",
        interactive=False,
        wrap=True,
        column_widths=["70%", "30%"],
        buttons=[],
    )
