import codecs

from tasks.chatbot import data
from zoo.data.dialogues import Dialogues
from zoo.data.examples import Splits

SLUR = codecs.decode("ergneq", "rot13")


def test_training_replies_with_a_slur_are_left_out():
    dialogues = Dialogues([["Hi.", f"You {SLUR.upper()}!", "What?", "Sorry."]])
    splits = data.reply_splits(Splits(dialogues, dialogues, dialogues), 12)
    assert splits.train.targets == ["What?", "Sorry."]
    assert splits.train.sources[-1] == "What?"
    # What is measured is what was published.
    for part in (splits.validation, splits.test):
        assert part.targets == dialogues.turns[0][1:]


def test_both_sets_train_and_daily_dialog_tests(monkeypatch):
    daily, selves = (
        Splits(*(Dialogues([[f"{name} {part}", "Yes."]]) for part in ("a", "b", "c")))
        for name in ("daily", "self")
    )
    monkeypatch.setattr(data, "load_daily_dialog", lambda: daily)
    monkeypatch.setattr(data, "load_self_dialogue", lambda: selves)
    splits = data.load_dialogues()
    assert splits.train.turns == [["daily a", "Yes."], ["self a", "Yes."]]
    assert splits.validation.turns == [["daily b", "Yes."], ["self b", "Yes."]]
    assert splits.test == daily.test
