"""The tab of a captioner: a photo's best captions, and where the decoder looked for each word."""

import base64
import html
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from zoo.analysis.attention_pictures import lit_photos
from zoo.answers import whole_words
from zoo.data.photos import fault_of
from zoo.errors import UserError
from zoo.forms import PhotoCaptioner
from zoo.ui.models import Models
from zoo.ui.plain import plainly
from zoo.ui.ranked import rows_of, table

if TYPE_CHECKING:
    from PIL.Image import Image


def caption(model: PhotoCaptioner, photo: bytes) -> tuple[list[list[str]], str]:
    """The best captions with their scores, the best first, and the photo lit for each word.

    Args:
        model: that is asked.
        photo: a file's content.

    Returns:
        Rows of caption and score; pictures as HTML, the photo first.

    Raises:
        UserError: the file is no sound photo, or the model does not answer.
    """
    if fault := fault_of(photo):
        raise UserError(f"This file {fault}.")
    [answers] = model.n_best([photo])
    [looked] = model.explain([photo])
    words, attention = whole_words(looked)
    titles = ["the photo", *words]
    pictures = zip(titles, lit_photos(photo, attention), strict=True)
    rows = rows_of(answers)
    return rows, f'<div class="photos">{"".join(_titled(*pair) for pair in pictures)}</div>'


def tab(models: Models, name: str, label: str, examples: "Sequence[Image]") -> Callable[[], object]:
    """Lay out the tab of a model, its examples below the photo.

    Returns:
        What loads the model and has it answer once, since the first answer takes longest.
    """

    def ask(upload: Mapping[str, Any] | None) -> tuple[list[list[str]], str]:
        if upload is None:  # it was taken away
            return [], ""
        return caption(models[name], Path(upload["path"]).read_bytes())

    with gr.Row():
        with gr.Column():
            photo = gr.Image(
                label=label, sources=["upload", "clipboard"], format="png", height=300, buttons=[]
            )
            gr.Examples([[example] for example in examples], photo, label="Try")
            answers = table("caption")
        with gr.Column():
            looked = gr.HTML(label="Where the decoder looked", show_label=True, container=True)
    # As uploaded: Gradio's own reading of it would end at what is no photo.
    photo.change(plainly(ask), photo, [answers, looked], preprocess=False)
    return lambda: caption(models[name], _jpeg(examples[0]))


def _titled(title: str, picture: "Image") -> str:
    source = base64.b64encode(_jpeg(picture)).decode()
    shown = html.escape(title)
    return (
        f'<figure><img src="data:image/jpeg;base64,{source}" alt="{shown}">'
        f"<figcaption>{shown}</figcaption></figure>"
    )


def _jpeg(picture: "Image") -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()
