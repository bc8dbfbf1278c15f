from tasks.chatbot import data
from zoo.data.dialogues import Dialogues
from zoo.data.examples import Splits


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
