"""The page: a tab for each task, and one that compares."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from zoo.ui import captioning, chatting, classifying, comparing, translating
from zoo.ui.drawings import drawings
from zoo.ui.models import Models
from zoo.ui.plain import plainly

_TITLE = "RNN Zoo"
_ROOT = Path(__file__).resolve().parents[2]
_DELETE_CACHE = 3600, 3600  # seconds: how often uploads are looked at, and how old they may be

# The letters of the machine: none are fetched.
THEME = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
CSS = """
/* Else the label would lie on what is in the box. */
.plot { padding-top: 2.25rem !important }
.words, .photos { margin-top: 1.75rem !important }
.tall textarea { min-height: 6rem }
.words { font-size: 1.1rem; line-height: 1.8; white-space: pre-wrap; overflow-wrap: anywhere;
  max-height: 24rem; overflow-y: auto }
mark { color: inherit; border-radius: 3px }
.legend { font-size: 0.85rem; opacity: 0.8 }
.photos { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 0.75rem }
.photos figure { margin: 0; max-width: 12rem }
.photos img { width: 100%; border-radius: 4px }
.photos figcaption { text-align: center; overflow-wrap: anywhere }
.wide { overflow-x: auto }
.wide td, .wide th { white-space: nowrap; padding: 0.3rem 0.6rem !important }
.picture { max-width: 760px }
"""


class Tab(NamedTuple):
    """A task's tab.

    Attributes:
        title: on the tab.
        lay_out: makes it, of the models, the task's name, the label of what is asked and examples,
            and returns what readies its model.
        label: of what is asked.
        examples: to try.
    """

    title: str
    lay_out: Callable[[Models, str, str, Any], Callable[[], object]]
    label: str
    examples: Sequence[Any]


TABS = {
    "spam_detection": Tab(
        "Spam",
        classifying.tab,
        "A message",
        [
            "WINNER!! Claim your prize, call 09061701461",
            "Running ten minutes late, order me a tea please",
        ],
    ),
    "sentiment": Tab(
        "Sentiment",
        classifying.tab,
        "A review",
        [
            "I expected little, and it had me in tears. See it.",
            "Two hours of corridors, and not one line worth hearing.",
        ],
    ),
    "translation": Tab(
        "Translation",
        translating.tab,
        "A sentence in English",
        ["A dog runs on the beach.", "Two children are playing in the snow."],
    ),
    "chatbot": Tab(
        "Chat",
        chatting.tab,
        "Your turn",
        ["Hi, how was your weekend?", "Would you like to go for a walk?"],
    ),
    "image_captioning": Tab("Photo", captioning.tab, "A photo, JPEG or PNG", drawings()),
}


def page(models: Models, root: Path = _ROOT) -> gr.Blocks:
    """The page of some models.

    Args:
        models: by the names of `TABS`.
        root: the checkout whose comparisons are shown.
    """
    with gr.Blocks(title=_TITLE, analytics_enabled=False, delete_cache=_DELETE_CACHE) as blocks:
        gr.Markdown(f"# {_TITLE}\nSmall recurrent networks, and why they answer as they do.")
        with gr.Tabs():
            for name, (title, lay_out, label, examples) in TABS.items():
                with gr.Tab(title, id=name) as tab:
                    if name in models.missing:
                        gr.Markdown(models.missing[name])
                        continue
                    ready = _readying(lay_out(models, name, label, examples))
                    tab.select(ready, show_progress="hidden", trigger_mode="once")
                    if name == next(iter(TABS)):  # it is open from the start
                        blocks.load(ready, show_progress="hidden")
            with gr.Tab("Compare", id="compare"):
                comparing.tab(root)
    return blocks


def _readying(ready: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        ready()

    return plainly(run)
