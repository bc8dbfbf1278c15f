"""Chatbot: a short conversation in, the next turn out. Many to many, on everyday dialogues."""

from typing import Any

from tasks.chatbot.baselines import BASELINES
from tasks.chatbot.data import (
    DAILY_DIALOG,
    SELF_DIALOGUE,
    load_daily_dialog,
    load_dialogues,
    load_sample,
    load_self_dialogue,
)
from tasks.chatbot.openings import load_openings
from zoo.data.examples import Splits
from zoo.data.pairs import Pairs
from zoo.metrics.dialogue import figures
from zoo.recipes.conversation import Conversation, ConversationConfig, reply_splits
from zoo.recipes.task import Dataset


def _daily(max_characters: int) -> Splits[Pairs]:
    return reply_splits(load_daily_dialog(), max_characters)


def _selves(max_characters: int) -> Splits[Pairs]:
    return reply_splits(load_self_dialogue(), max_characters)


def _both(max_characters: int) -> Splits[Pairs]:
    return reply_splits(load_dialogues(), max_characters)


def _some_of_validation(max_characters: int) -> Pairs:
    pairs = _daily(max_characters).validation
    return Pairs(pairs.sources[::3], pairs.targets[::3])


def _sample(max_characters: int) -> Splits[Pairs]:
    return reply_splits(load_sample(), max_characters)


# Of `zoo compare`: what writes replies, and penalties and rewards by which they are ranked.
_WAYS: tuple[tuple[str, dict[str, Any], tuple[tuple[float, float], ...]], ...] = (
    ("beam of 8", {"draws": 0}, ((0.0, 0.0), (0.7, 0.9))),
    ("6 draws", {"draws": 6}, ((0.0, 0.0), (0.7, 0.0), (0.0, 0.9), (0.7, 0.9), (1.1, 0.0))),
    ("16 draws", {"draws": 16}, ((0.7, 0.9),)),
)

TASK = Conversation(
    name="chatbot",
    title="What would one say next?",
    answer="reply",
    config=ConversationConfig(
        max_characters=240,
        training_tokens=100,
        epochs=4,
        precision="mixed_bfloat16",
        beam_width=8,
        longest_answer=40,
        draws=6,
        draw_temperature=0.65,
        dullness_penalty=0.7,
        length_reward=0.9,
    ),
    datasets={
        "daily_dialog_self_dialogue": Dataset(
            "daily_dialog_self_dialogue",
            _both,
            f"{DAILY_DIALOG.name}, {DAILY_DIALOG.homepage}; {SELF_DIALOGUE.name}, "
            f"{SELF_DIALOGUE.homepage}",
            f"{DAILY_DIALOG.licence}; {SELF_DIALOGUE.licence}",
        ),
        "daily_dialog": Dataset(
            "daily_dialog",
            _daily,
            f"{DAILY_DIALOG.name}, {DAILY_DIALOG.homepage}",
            DAILY_DIALOG.licence,
        ),
        "self_dialogue": Dataset(
            "self_dialogue",
            _selves,
            f"{SELF_DIALOGUE.name}, {SELF_DIALOGUE.homepage}",
            SELF_DIALOGUE.licence,
        ),
        "sample": Dataset(
            "sample",
            _sample,
            "dialogues written for this project, tasks/chatbot/sample.jsonl",
            "Apache 2.0",
        ),
    },
    # Written for this project; none stands in a data set.
    examples=(
        "Hi there!",
        "Hello!\nHi! How was your weekend?\nWonderful, we went to the lake.",
        "What do you do when you cannot sleep?",
        "Have you seen anything good lately?\nOnly an old western.\nWhich one?",
        "",
        "asdf qwer zxcv",
        "😀",
    ),
    limits=(
        "It knows no facts, remembers nothing but the last turns, and means nothing that it says: "
        "it writes what would be likely in its data.",
        "It is no source of advice, and it has no safety filter but a short list of slurs.",
        "A dialogue is read from its end, 240 characters of it.",
    ),
    figures=figures,
    openings=load_openings,
    # What is likeliest, what a beam search makes of penalty and reward, and what draws do.
    variants={
        "likeliest tokens": {"draws": 0, "beam_width": 1},
        **{
            f"{way}, penalty {penalty}, reward {reward}": {
                **settings,
                "dullness_penalty": penalty,
                "length_reward": reward,
            }
            for way, settings, ranking in _WAYS
            for penalty, reward in ranking
        },
    },
    measured_on=_some_of_validation,
    baselines=BASELINES,
    fixed_reply="I would rather talk about something else.",
)
