import dataclasses

import pytest

from zoo.errors import UserError
from zoo.recipes.config import setting
from zoo.recipes.task import find_task, task_names


def test_a_task_is_a_folder_of_tasks():
    assert "spam_detection" in task_names()
    assert find_task("spam_detection").name == "spam_detection"


@pytest.mark.parametrize("name", ["juggling", "", "spam_detection.data", "__init__", "../zoo"])
def test_an_unknown_task_is_told_which_there_are(name):
    with pytest.raises(UserError, match=r"unknown task .*: choose one of .*spam_detection"):
        find_task(name)


def test_a_setting_has_its_default_and_its_sentence():
    @dataclasses.dataclass(frozen=True)
    class Config:
        units: int = setting(48, "size of the state")

    assert Config().units == 48
    assert dataclasses.fields(Config)[0].metadata["help"] == "size of the state"
