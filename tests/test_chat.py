import click
import pytest
from click.testing import CliRunner

from zoo.chat import converse


@pytest.fixture
def talk():
    """Types lines; what was asked of the speaker, and what was shown after the help."""

    def talk(*lines, **settings):
        asked = []

        def reply(history, temperature, seed):
            asked.append((history, temperature, seed))
            return f"{len(history)} turns"

        command = click.command()(lambda: converse(reply, **settings))
        result = CliRunner().invoke(command, input="".join(f"{line}\n" for line in lines))
        assert result.exit_code == 0, result.output
        first, *shown = result.output.split("\n")
        assert "/reset" in first
        assert "Ctrl-D" in first
        return asked, "\n".join(shown)

    return talk


def test_the_history_grows_and_seeds_differ(talk):
    asked, shown = talk("Hi.", "How  are\tyou? ")
    assert asked == [
        (("Hi.",), None, 0),
        (("Hi.", "1 turns", "How are you?"), None, 1),
    ]
    assert "     1 turns\n" in shown
    assert "     3 turns\n" in shown


def test_it_can_be_reset(talk):
    asked, shown = talk("Hi.", "/reset", "Hello.")
    assert [history for history, *_ in asked] == [("Hi.",), ("Hello.",)]
    assert "a new conversation" in shown


def test_the_temperature_can_be_set(talk):
    asked, _ = talk("a", "/temperature 0.7", "b", "/temperature off", "c", temperature=2.0, seed=5)
    assert [rest for _, *rest in asked] == [[2.0, 5], [0.7, 6], [None, 7]]


@pytest.mark.parametrize("given", ["", "hot", "-1", "nan", "inf", "11"])
def test_a_wrong_temperature_changes_nothing(talk, given):
    asked, shown = talk("/temperature 0.5", f"/temperature {given}", "Hi.")
    assert asked == [(("Hi.",), 0.5, 0)]
    assert f"(a temperature is a number from 0 to 10, or off, not '{given}')" in shown


@pytest.mark.parametrize("line", ["/quit now", "/resets", "/"])
def test_an_unknown_command_is_no_turn(talk, line):
    asked, shown = talk(line)
    assert asked == []
    assert f"({line.split()[0]} is no command: /reset" in shown


def test_blank_lines_are_no_turns(talk):
    asked, _ = talk("", "  \t ", "Hi.")
    assert asked == [(("Hi.",), None, 0)]


def test_the_end_of_the_input_leaves(talk):
    assert talk() == ([], "you: \n")
