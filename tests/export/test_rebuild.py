import shutil

import numpy as np
import pytest

from zoo.errors import UserError
from zoo.export.extra import read_extra
from zoo.export.rebuild import load_weights, rebuild


@pytest.fixture(scope="module")
def document(topics):
    return read_extra(topics.model, "model.json")


@pytest.fixture
def copied(topics, tmp_path):
    return shutil.copytree(topics.model, tmp_path / "1")


def values(model):
    return {variable.path: np.asarray(variable) for variable in model.variables}


def differing(model, path):
    """The variables that a loading changes."""
    before = values(model)
    load_weights(model, path)
    return {name for name, value in values(model).items() if (value != before[name]).any()}


def test_all_weights_come_back(topics, document):
    _, model = rebuild(document)
    weights = {v.path for v in model.trainable_variables}
    assert weights <= differing(model, topics.model)
    assert differing(model, topics.model) == set()


def test_the_tokenizer_comes_back(document):
    encoder, model = rebuild(document)
    assert list(encoder.config.vocabulary) == document["encoder"]["vocabulary"]
    assert model.config.pieces == len(document["encoder"]["vocabulary"])


def test_the_output_layer_can_be_left_new(topics, document):
    _, model = rebuild(document)
    before = values(model)
    load_weights(model, topics.model, output=False)
    kept = {name for name, value in values(model).items() if (value == before[name]).all()}
    assert {"output/kernel", "output/bias"} <= kept
    assert not any("vectors" in name for name in kept)


def test_an_output_layer_for_more_labels_stays_new(topics, document):
    _, model = rebuild({**document, "model": {**document["model"], "classes": 7}})
    assert not {"output/kernel", "output/bias"} & differing(model, topics.model)


def test_another_architecture_is_refused(topics, document):
    _, model = rebuild({**document, "model": {**document["model"], "units": 5}})
    with pytest.raises(UserError, match="do not fit"):
        load_weights(model, topics.model)


@pytest.mark.parametrize("name", ["variables.index", "variables.data-00000-of-00001"])
@pytest.mark.parametrize("share", [None, 0, 0.5])
def test_missing_and_truncated_variables_are_the_users_to_mend(copied, document, name, share):
    file = copied / "variables" / name
    content = file.read_bytes()
    file.unlink()
    if share is not None:
        file.write_bytes(content[: int(len(content) * share)])
    _, model = rebuild(document)
    with pytest.raises(UserError, match="are missing or damaged: get the model again"):
        load_weights(model, copied)


def test_an_unknown_form_is_refused(document):
    with pytest.raises(UserError, match=r"'one_to_none', which this version .* update the zoo"):
        rebuild({**document, "form": "one_to_none"})


@pytest.mark.parametrize("part", ["encoder", "model"])
def test_a_document_without_its_parts_is_refused(document, part):
    missing = {key: value for key, value in document.items() if key != part}
    for damaged in (missing, {**document, part: None}, {**document, part: {"size": 1}}):
        with pytest.raises(UserError, match=r"model\.json is damaged"):
            rebuild(damaged)
