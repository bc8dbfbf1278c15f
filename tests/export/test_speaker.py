"""A partner in conversation, as it is served."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.data.pairs import Pairs
from zoo.export.rebuild import rebuild
from zoo.export.speaker import Speaker
from zoo.recipes.conversation import ConversationConfig
from zoo.recipes.text_to_text_learning import described
from zoo.text.sequences import Sequences
from zoo.text.turns import TURN

CONTEXTS = ["hi", "how are you", "hi\nhi you\nhow are you", "what now", "a tea", "", ""]
REPLIES = ["hi you", "i am fine", "still fine", "we go home", "yes please", "i am fine", "hi you"]
CONFIG = ConversationConfig(
    encoder_units=16,
    decoder_units=32,
    embedding_size=24,
    vocabulary_size=90,
    max_characters=40,
    beam_width=4,
    longest_answer=12,
    dropout=0.0,
)


@pytest.fixture(scope="module")
def document():
    return {
        **described(CONFIG, Pairs(*[[*CONTEXTS, *REPLIES]] * 2), turns=True),
        "answer": "reply",
        "draws": 0,
        "draw_temperature": 0.6,
        "dullness_penalty": 0.5,
        "length_reward": 0.0,
        "fixed_reply": "Let us not.",
    }


@pytest.fixture(scope="module")
def trained(document):
    """Encoder and model; the model knows REPLIES by heart."""
    keras.utils.set_random_seed(3)
    encoder, model = rebuild(document)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(0.02), loss)
    batch = Sequences.encoded(encoder, CONTEXTS, REPLIES).collate(range(len(CONTEXTS)))
    for _ in range(120):
        model.train_on_batch(*batch)
    return encoder, model


def speaker(trained, document, **changes):
    return Speaker(*trained, {**document, **changes})


def ask(functions, texts):
    answer = functions["serving_default"](tf.constant(texts, tf.string))
    return [reply.decode() for reply in answer["reply"].numpy()], answer["score"].numpy()


def draw(functions, texts, seeds, temperature=1.0, top_p=1.0):
    rows = len(texts)
    answer = functions["sample"](
        tf.constant(texts, tf.string),
        tf.constant(seeds, tf.int64),
        tf.fill([rows], temperature),
        tf.fill([rows], top_p),
    )
    return [reply.decode() for reply in answer["reply"].numpy()], answer["score"].numpy()


def test_turns_are_told_apart(trained):
    encoder, _ = trained
    vocabulary = encoder.config.vocabulary
    pieces = [
        [vocabulary[n] for n in row]
        for row in encoder(tf.constant(["hi\nyou", "hi you"])).tokens.to_list()
    ]
    assert "##" + TURN in pieces[0]
    assert TURN not in "".join(pieces[1])
    typed = encoder(tf.constant([f"hi{TURN}you"])).tokens.to_list()
    assert typed[0] == encoder(tf.constant(["hi you"])).tokens.to_list()[0]


def test_the_context_decides(trained, document):
    replies, _ = ask(speaker(trained, document, dullness_penalty=0.0).functions, CONTEXTS[:5])
    assert replies == REPLIES[:5]


def test_what_is_likely_after_nothing_is_held_against_a_reply(trained, document):
    """The ranking is log p(T|S) - lambda log p(T) + gamma |T|; by hand."""
    module = speaker(trained, document, length_reward=0.2)
    text = tf.constant(["how are you"])
    found = module.beam(module.read(text))
    given = module.log_probabilities(module.read(text).source, found).numpy()
    np.testing.assert_allclose(given, found.log_probabilities, rtol=1e-3)
    anyway = module.log_probabilities(module.read(tf.constant([""])).source, found).numpy()
    ranked = given - 0.5 * anyway + 0.2 * found.lengths.numpy()
    replies = module.write(found)[0].numpy()
    [expected] = replies[0, ranked.argmax(axis=1)]
    assert ask(module.functions, ["how are you"])[0] == [expected.decode()]
    # With so much of a penalty, never what is said anyway.
    far = speaker(trained, document, dullness_penalty=50.0)
    assert ask(far.functions, ["how are you"])[0] != ["i am fine"]


def test_of_several_drawn_replies_the_one_that_ranks_highest_is_given(trained, document):
    changes = {"draws": 8, "draw_temperature": 1.5, "dullness_penalty": 1.0, "length_reward": 0.4}
    module = speaker(trained, document, **changes)
    contexts = ["how are you", "hi", "hi\nhi you\nhow are you"]
    replies, scores = ask(module.functions, contexts)
    for context, reply, score in zip(contexts, replies, scores, strict=True):
        rows = tf.constant([context] * 8)
        seeds, temperature = tf.range(8, dtype=tf.int64), tf.fill([8], 1.5)
        found = module.sample(module.read(rows), seeds, temperature, tf.ones([8]))
        nothing = module.read(tf.constant([""] * 8)).source
        anyway = module.log_probabilities(nothing, found)
        given, lengths = found.log_probabilities.numpy()[:, 0], found.lengths.numpy()[:, 0]
        best = (given - anyway.numpy()[:, 0] + 0.4 * lengths).argmax()
        assert reply == module.write(found)[0].numpy()[best, 0].decode()
        assert score == pytest.approx(given[best], rel=1e-3, abs=1e-5)
        assert ask(module.functions, [context]) == ([reply], pytest.approx([score], abs=1e-4))


def test_the_score_is_the_models_own(trained, document):
    module = speaker(trained, document, length_penalty=0.6)
    replies, scores = ask(module.functions, ["hi", "a tea"])
    encoder, model = trained
    for context, reply, score in zip(["hi", "a tea"], replies, scores, strict=True):
        features, told = Sequences.encoded(encoder, [context], [reply]).collate([0])
        log_p = tf.nn.log_softmax(model(features)).numpy()[0]
        total = log_p[np.arange(told.shape[1]), told[0]].sum()
        assert score == pytest.approx(total / ((5 + told.shape[1]) / 6) ** 0.6, rel=1e-3)


def test_the_same_seed_draws_the_same_reply(trained, document):
    functions = speaker(trained, document).functions
    texts = ["hi"] * 30
    first, scores = draw(functions, texts, range(30), 1.5)
    again, _ = draw(functions, texts[::-1], range(29, -1, -1), 1.5)
    assert again[::-1] == first
    assert len(set(first)) > 1
    alone, score = draw(functions, ["hi"], [7], 1.5)
    assert alone == [first[7]]
    np.testing.assert_allclose(score, scores[7], rtol=1e-4)
    cold, _ = draw(functions, texts, range(30), 0.0)
    assert set(cold) == {"hi you"}
    # A probability beyond 1 is 1.
    assert draw(functions, texts, range(30), 1.5, 7.0)[0] == first


@pytest.fixture
def slurs(monkeypatch):
    """Words that this model knows stand on the list."""

    def use(*words):
        pattern = "|".join(words)
        found = lambda texts: tf.strings.regex_replace(texts, pattern, "") != texts  # noqa: E731
        monkeypatch.setattr("zoo.export.speaker.have_slurs", found)

    return use


def test_a_reply_with_a_slur_is_passed_over(trained, document, slurs):
    """Of a model that would rather say it."""
    slurs("fine")
    functions = speaker(trained, document).functions
    replies, scores = ask(functions, ["how are you"] * 2)
    assert all("fine" not in reply for reply in replies)
    assert np.isfinite(scores).all()
    drawn, _ = draw(functions, ["how are you"] * 20, range(20))
    assert all("fine" not in reply for reply in drawn)


def test_where_every_reply_has_a_slur_a_fixed_one_is_given(trained, document, slurs):
    slurs("[a-z]")
    functions = speaker(trained, document).functions
    assert ask(functions, ["hi", ""])[0] == ["Let us not."] * 2
    drawn, scores = draw(functions, ["hi"], [1])
    assert drawn == ["Let us not."]
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    "dialogue", ["", "\n\n\n", "x" * 100_000, "hi\n" * 500, "bot: hi\nuser: hi", "\x00\x01\nhi\x7f"]
)
def test_any_dialogue_gets_a_reply(trained, document, dialogue):
    functions = speaker(trained, document).functions
    [reply], [score] = ask(functions, [dialogue])
    assert reply
    assert np.isfinite(score)


def test_only_the_newest_turns_are_read(trained, document):
    functions = speaker(trained, document).functions
    old, new = "what now\n" * 400, "hi\nhi you\nhow are you"
    assert ask(functions, [old + new])[0] != [""]
    module = speaker(trained, document)
    read = module.read(tf.constant([old + new, "what now\nwhat now\n" + new]))
    np.testing.assert_array_equal(read.tokens[0], read.tokens[1])


def test_no_dialogues_get_no_replies(trained, document):
    functions = speaker(trained, document).functions
    assert ask(functions, [])[0] == []
    assert draw(functions, [], [])[0] == []
