"""Which versions are served while a folder changes. What is loaded here is a name."""

import shutil
from types import SimpleNamespace

import pytest

from zoo.errors import UserError
from zoo.export.signatures import ArtefactError
from zoo.serving.repository import ModelSpec, Repository
from zoo.serving.status import ServingError

LATEST = ModelSpec("half")


@pytest.fixture
def versions(tmp_path):
    """Write versions of a model; what is in the file says whether they load."""

    def write(*numbers, content="whole"):
        for number in numbers:
            folder = tmp_path / "half" / str(number)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "saved_model.pb").write_text(content)
        return tmp_path / "half"

    return write


@pytest.fixture
def repository(tmp_path):
    """Loads what is whole, and notes what it was told to load."""
    loaded = []

    def load(name, version, path):
        loaded.append(version)
        content = (path / "saved_model.pb").read_text()
        if content == "odd":
            raise KeyError("x")
        if content != "whole":
            raise ArtefactError("it is half copied")
        return SimpleNamespace(name=name, version=version)

    made = Repository(tmp_path, load)
    made.loaded = loaded
    return made


def refusal(call, *args):
    with pytest.raises(UserError) as error:
        call(*args)
    return str(error.value)


def states(repository):
    return {n: (s.state, s.message) for n, s in repository.status(LATEST).items()}


def test_the_greatest_version_is_served(repository, versions):
    (versions(2, 10, "0009") / "drafts").mkdir()
    repository.refresh()
    assert repository.serving == {"half": [10]}
    assert repository.loaded == [10]
    assert repository.find(LATEST).version == 10


def test_a_new_version_takes_over_and_who_has_the_old_keeps_it(repository, versions):
    versions(1)
    repository.refresh()
    old = repository.find(LATEST)
    versions(2)
    repository.refresh()
    assert (old.version, repository.find(LATEST).version) == (1, 2)
    assert states(repository) == {2: ("AVAILABLE", ""), 1: ("END", "")}
    with pytest.raises(ServingError, match=r"Specific\(half, 1\)"):
        repository.find(ModelSpec("half", 1))


def test_a_half_copied_version_is_refused_until_it_is_whole(repository, versions):
    versions(1)
    repository.refresh()
    versions(2, content="half")
    repository.refresh()
    repository.refresh()
    assert repository.find(LATEST).version == 1
    assert states(repository)[2] == ("END", "it is half copied")
    assert repository.loaded == [1, 2]  # not again as long as its files are the same
    versions(2)
    repository.refresh()
    assert repository.find(LATEST).version == 2


def test_a_version_that_fails_in_an_unforeseen_way_is_refused(repository, versions):
    versions(1)
    versions(2, content="odd")
    repository.refresh()
    repository.refresh()
    assert repository.serving == {"half": [1]}
    assert states(repository)[2] == ("END", "it cannot be loaded: KeyError('x')")
    assert repository.loaded == [2, 1]


def test_at_the_start_the_greatest_version_that_loads_is_served(repository, versions):
    versions(1)
    versions(2, content="half")
    repository.start()
    repository.stop()
    assert repository.serving == {"half": [1]}


def test_what_is_served_is_not_given_up_for_what_does_not_load(repository, versions):
    folder = versions(1)
    repository.refresh()
    (folder / "1" / "saved_model.pb").unlink()
    (folder / "1").rmdir()
    versions(2, content="half")
    repository.refresh()
    assert repository.find(LATEST).version == 1


def test_a_model_that_is_gone_is_unloaded(repository, versions, tmp_path):
    folder = versions(1)
    repository.refresh()
    folder.rename(tmp_path / ".gone")
    repository.refresh()
    with pytest.raises(ServingError, match=r"Latest\(half\)"):
        repository.find(LATEST)
    assert states(repository) == {1: ("END", "")}


CONFIG = """model_config_list {{ config {{ name: "half" base_path: "/models/half"
model_platform: "tensorflow" {policy} version_labels {{ key: "stable" value: 1 }} }} }}"""


def test_the_configuration_says_which_versions_and_labels(repository, versions, tmp_path):
    versions(1, 2, 3)
    file = tmp_path / "models.config"
    policy = "model_version_policy {{ {} }}"
    file.write_text(CONFIG.format(policy=policy.format("specific { versions: 1 versions: 2 }")))
    repository.refresh()
    assert repository.serving == {"half": [1, 2]}
    assert repository.find(ModelSpec("half", label="stable")).version == 1
    file.write_text(CONFIG.format(policy=policy.format("latest { num_versions: 2 }")))
    repository.refresh()
    assert repository.serving == {"half": [2, 3]}
    with pytest.raises(ServingError, match=r"Specific\(half, 1\)"):
        repository.find(ModelSpec("half", label="stable"))
    with pytest.raises(ServingError, match="Unrecognized servable version label: x"):
        repository.find(ModelSpec("half", label="x"))
    file.write_text(CONFIG.format(policy=policy.format("all { }")))
    repository.refresh()
    assert repository.serving == {"half": [1, 2, 3]}
    file.write_text(CONFIG.format(policy=""))
    repository.refresh()
    assert repository.serving == {"half": [3]}


def test_models_may_lie_deeper_or_elsewhere(repository, versions, tmp_path):
    folder = versions(1)
    deeper = shutil.copytree(folder, tmp_path / "models" / "half" / "prod")
    elsewhere = shutil.copytree(folder, tmp_path / "elsewhere" / "prod")
    (elsewhere / "1").rename(elsewhere / "2")
    assert (deeper / "1").is_dir()
    configs = "".join(
        f'config {{ name: "{name}" base_path: "{path}" model_platform: "tensorflow" }}'
        for name, path in (("deeper", "/models/models/half/prod"), ("elsewhere", elsewhere))
    )
    (tmp_path / "models.config").write_text(f"model_config_list {{ {configs} }}")
    repository.refresh()
    assert repository.serving == {"deeper": [1], "elsewhere": [2]}


def test_what_cannot_be_served_is_told_in_one_line(repository, versions, tmp_path):
    assert "holds no model: give a folder that holds" in refusal(repository.start)
    nowhere = Repository(tmp_path / "nowhere")
    assert "nowhere is no folder: give one that holds" in refusal(nowhere.start)
    versions(1, content="half")
    message = refusal(repository.start)
    assert message == "half cannot be served: version 1 is refused: it is half copied"
    (tmp_path / "models.config").write_text("model_config_list {")
    assert "models.config cannot be read" in refusal(repository.start)
    (tmp_path / "models.config").write_text('model_config_list { config { name: "half" } }')
    assert "each model needs a name of its own and a base_path" in refusal(repository.start)
