"""The road from photos and captions to a SavedModel that captions them."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tasks.image_captioning import TASK
from tasks.image_captioning.scenes import load_scenes
from zoo import hub
from zoo.analysis.compare import Trial, read_table
from zoo.data.examples import Splits
from zoo.errors import UserError
from zoo.export.captioner import Captioner
from zoo.export.rebuild import rebuild
from zoo.export.verify import verify
from zoo.recipes.captioning_config import CaptioningConfig
from zoo.recipes.captioning_lessons import Lessons
from zoo.recipes.captioning_reward import advantages_of, learn_by_reward
from zoo.recipes.task import Dataset
from zoo.training.checkpoint import read_state
from zoo.training.run import RunFolder, read_json

SMALL = dataclasses.replace(
    TASK.config,
    **{
        **TASK.datasets["sample"].settings,
        "photo_size": 64,
        "memory_size": 12,
        "decoder_units": 12,
        "embedding_size": 8,
        "epochs": 1,
        "tuning_epochs": 1,
        "reward_epochs": 1,
        "beam_width": 2,
        "longest_answer": 9,
    },
)
LOWEST = float(np.finfo(np.float32).min)


def few_scenes():
    scenes = load_scenes()
    return Splits(
        scenes.train.select(range(24)),
        scenes.validation.select(range(4)),
        scenes.test.select(range(4)),
    )


@pytest.fixture(autouse=True)
def no_java(monkeypatch):
    """METEOR takes seconds to start, and has tests of its own."""
    monkeypatch.setattr("zoo.metrics.captions.java_runs", lambda: False)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("captioning")
    data = Dataset("few", few_scenes, "a few scenes", "Apache 2.0")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ZOO_DATA", str(folder / "data"))
        run = TASK.train(SMALL, data, run=folder / "run", start=None, command="")
    return run / "image_captioning" / "1"


def test_it_verifies(model):
    report = verify(model)
    assert report.ok, [check for check in report.checks if not check.ok]
    assert "odd images" in {check.name for check in report.checks}


def test_it_answers_as_the_rebuilt_model_does_and_refuses_what_is_no_photo(model):
    loaded = hub.load(model)
    photos = few_scenes().test.images
    images = [photos[0], b"no image", photos[1], b""]
    answers = loaded(images)
    assert [(x.text, x.score) for x in answers[1::2]] == [("", LOWEST)] * 2
    alone = loaded([photos[1]])[0]
    assert (answers[2].text, answers[2].score) == (alone.text, pytest.approx(alone.score, abs=1e-4))
    assert [rows[0].text for rows in loaded.n_best(images)] == [x.text for x in answers]

    encoder, _ = rebuild(loaded.document)
    module = Captioner(encoder.config.vocabulary, loaded.keras_model(), loaded.document)
    again = module.functions["greedy"](tf.constant(images))["caption"].numpy()
    assert [x.text.encode() for x in loaded.greedy(images)] == list(again)

    for sight in loaded.explain([photos[0]]):
        assert sight.attention.shape == (len(sight.tokens), 2, 2)
        np.testing.assert_allclose(sight.attention.sum((1, 2)), 1, atol=1e-5)


def test_the_encoders_weights_take_half_the_place(model):
    eyes = hub.load(model).keras_model().encoder.variables
    kept = [np.asarray(variable) for variable in eyes]
    assert all(np.array_equal(value, value.astype(np.float16)) for value in kept)
    size = (model / "variables" / "variables.data-00000-of-00001").stat().st_size
    everything = sum(np.asarray(v).nbytes for v in hub.load(model).keras_model().variables)
    assert size < everything - 1.9 * sum(value.size for value in kept)


def test_a_bad_file_is_named_and_the_others_are_captioned(model, cli, tmp_path):
    good, bad = tmp_path / "good.png", tmp_path / "bad.jpg"
    good.write_bytes(few_scenes().test.images[0])
    bad.write_text("no photo")
    result = cli("predict", "image_captioning", bad, good, "--model", model)
    assert result.exit_code == 2
    assert f"{bad} is not an image" in result.stderr
    assert result.stdout.startswith(str(good))
    picture = tmp_path / "out.png"
    options = ("--model", model, "--n-best", 2, "--picture", picture)
    assert cli("predict", "image_captioning", good, *options).exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_command_says_what_it_cannot_do_with_photos(model, cli, tmp_path):
    said = {
        ("--explain",): "--explain is for classifiers",
        ("b.png", "--picture", "c.png"): "--picture draws one photo, and these are 2",
    }
    for options, line in said.items():
        result = cli("predict", "image_captioning", "a.png", "--model", model, *options)
        assert result.exit_code == 2
        assert line in result.stderr
    good = tmp_path / "good.png"
    good.write_bytes(few_scenes().test.images[0])
    result = cli("predict", "image_captioning", good, "--model", model, "--n-best", 9)
    assert "at most 2 answers" in result.stderr


def test_photos_are_bytes_in_a_list(model):
    loaded = hub.load(model)
    with pytest.raises(UserError, match="give a list of photos"):
        loaded(b"one file")
    with pytest.raises(UserError, match="this is a str"):
        loaded(["dog.jpg"])


def test_it_is_measured_beside_two_baselines(model, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    data = Dataset("few", few_scenes, "a few scenes", "Apache 2.0")
    result = TASK.evaluate(model, data, "test")
    assert result["examples"] == 4
    assert result["baselines"]["the most frequent caption"]["distinct"] == 1 / 4
    assert result["baselines"]["the caption of the nearest photo"]["bleu_1"] > 0
    with pytest.raises(UserError, match="unknown split"):
        TASK.evaluate(model, data, "tests")


def test_people_train_on_photos_of_their_own(tmp_path):
    scenes = load_scenes().train.select(range(40))
    lines = ["image,caption"]
    for n, (image, captions) in enumerate(zip(scenes.images, scenes.captions, strict=True)):
        (tmp_path / f"{n}.png").write_bytes(image)
        lines += [f'{n}.png,"{caption}"' for caption in captions]
    (tmp_path / "captions.csv").write_text("\n".join(lines), encoding="utf-8")
    dataset = TASK.user_data(tmp_path)
    assert dataset.file == str(tmp_path)
    splits = dataset.load()
    assert sorted(splits.train.images + splits.validation.images + splits.test.images) == sorted(
        scenes.images
    )


@pytest.mark.parametrize(("worth", "fewest", "most"), [(-1.0, 0, 2), (1.0, 6, 9)])
def test_what_captions_are_rewarded_for_they_do(model, tmp_path, monkeypatch, worth, fewest, most):
    """Each stage goes on from the one before; here the last is rewarded for few or many words."""
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    monkeypatch.setattr(
        "zoo.recipes.captioning_reward._reward", lambda _: lambda _, words: worth * len(words)
    )
    run = model.parents[1]
    before = RunFolder.open(run, read_json(run / "config.json"))
    config = dataclasses.replace(SMALL, reward_epochs=15, reward_rate=0.01, patience=15)
    few = few_scenes()
    after = RunFolder.open(tmp_path / "run", {})
    learn_by_reward(config, few.train, few.validation, after, before)
    words = read_state(after.checkpoint_file)["history"][-1]["val_cider_d"] / worth
    assert fewest <= words <= most


def test_a_caption_is_held_against_the_others_of_its_photo():
    rewards = np.array([[1.0, 2.0, 6.0], [5.0, 5.0, 5.0]])
    expected = [[1 - 4, 2 - 3.5, 6 - 1.5], [0, 0, 0]]
    np.testing.assert_allclose(advantages_of(rewards), expected)


def test_captions_that_are_all_too_long_are_refused(model):
    encoder, _ = rebuild(hub.load(model).document)
    with pytest.raises(UserError, match="no caption has at most 3 tokens: raise --training-tokens"):
        Lessons(encoder, few_scenes().train, 3)


def test_decoders_are_compared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("zoo.training.fit.draw_curves", lambda *_: None)
    few = few_scenes()
    task = dataclasses.replace(
        TASK,
        config=dataclasses.replace(SMALL, tuning_epochs=0, reward_epochs=0),
        variants={"no attention": {"attention": "none"}},
        trials=lambda: [Trial("seed 0", few.train, few.test, 0)],
    )
    [line] = read_table(task.compare([], None) / "comparison.csv")
    assert line["row"] == "no attention"
    assert 0 <= float(line["mean"]) <= 100


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"photo_size": 100}, "photo_size is 100, and must be a multiple of 32"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"tuning_epochs": -1}, "tuning_epochs is -1"),
        ({"reward_epochs": -1}, "reward_epochs is -1"),
        ({"drawn": 1}, "drawn is 1, and must be at least 2"),
        ({"decoder_layers": 1}, "decoder_layers is 1, and must be at least 2"),
        ({"length_penalty": -1.0}, "length_penalty is -1.0"),
        ({"tuning_rate": 0.0}, "tuning_rate is 0.0, and must be more than 0"),
        ({"seed": -1}, "seed is -1"),
        ({"cell": "qrnn"}, "unknown cell 'qrnn'"),
        ({"attention": "hard"}, "unknown attention 'hard'"),
        ({"precision": "half"}, "unknown precision 'half'"),
    ],
)
def test_a_setting_out_of_range_is_refused(changes, said):
    with pytest.raises(UserError, match=said):
        CaptioningConfig(**changes)
