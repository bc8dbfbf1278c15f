import pytest

from zoo.analysis.page import parameters
from zoo.analysis.pictures import draw_parameters, draw_verdicts, main, verdicts
from zoo.errors import UserError


def test_a_verdict_is_that_of_the_text_so_far(spam_detector):
    rows = verdicts(spam_detector, "WIN a  prize")
    assert [word for word, _ in rows] == ["WIN", "a", "prize"]
    for (_, p), text in zip(rows, ["WIN", "WIN a", "WIN a prize"], strict=True):
        [answer] = spam_detector([text])
        assert p == pytest.approx(answer.probabilities["spam"], abs=1e-5)


def test_pictures_are_small(tmp_path):
    words = [(f"word{n}", n / 40) for n in range(40)]
    draw_verdicts(words, "spam", tmp_path / "verdicts.png")
    draw_parameters(parameters((1, 10, 100)), tmp_path / "parameters.png")
    for path in tmp_path.iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size < 60_000


def test_without_measured_gradients_the_command_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="is missing: give `zoo gradients sentiment` first"):
        main()
