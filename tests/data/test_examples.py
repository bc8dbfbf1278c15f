import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data.examples import LabelledTexts, Splits, load_part, split
from zoo.errors import UserError

PAIRS = st.dictionaries(
    st.sampled_from("abc"),
    st.lists(st.text(st.characters(codec="utf-8")), min_size=4, max_size=40, unique=True),
    min_size=1,
).map(lambda by_label: [(text, label) for label, texts in by_label.items() for text in texts])


def examples_of(pairs):
    return LabelledTexts([text for text, _ in pairs], [label for _, label in pairs])


def pairs_of(examples):
    return list(zip(examples.texts, examples.labels, strict=True))


def parts_of(splits):
    return [pairs_of(part) for part in (splits.train, splits.validation, splits.test)]


def test_texts_and_labels_must_be_as_many():
    with pytest.raises(ValueError, match="1 texts but 2 labels"):
        LabelledTexts(["a"], ["x", "y"])


def test_select_keeps_the_order_of_the_indices():
    examples = LabelledTexts(["a", "b", "c"], ["x", "y", "z"])
    assert examples.select([2, 0]) == LabelledTexts(["c", "a"], ["z", "x"])
    assert len(examples.select([])) == 0


def test_distinct_keeps_the_first_of_equal_pairs():
    examples = LabelledTexts(["a", "b", "a", "a", "c"], ["x", "x", "y", "x", "x"])
    assert examples.distinct() == LabelledTexts(["a", "b", "a", "c"], ["x", "x", "y", "x"])


def test_the_split_is_published():
    # These lists never change: figures measured on one split say nothing about another.
    splits = split(LabelledTexts([f"text {i}" for i in range(10)], ["x", "y"] * 5))
    assert [[int(text[5:]) for text, _ in part] for part in parts_of(splits)] == [
        [6, 7, 3, 0, 9, 2],
        [5, 4],
        [1, 8],
    ]


@given(PAIRS)
def test_the_split_is_a_partition(pairs):
    parts = parts_of(split(examples_of(pairs)))
    assert Counter(pair for part in parts for pair in part) == Counter(pairs)


@given(PAIRS)
def test_the_split_keeps_the_labels_shares_within_one_example(pairs):
    for part, share in zip(parts_of(split(examples_of(pairs))), (0.6, 0.2, 0.2), strict=True):
        counts = Counter(label for _, label in part)
        for label, count in Counter(label for _, label in pairs).items():
            assert counts[label] >= 1
            assert abs(counts[label] - share * count) <= 1


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_split_does_not_depend_on_order_or_repetition(pairs, order: random.Random):
    shuffled = pairs + order.choices(pairs, k=5)
    order.shuffle(shuffled)
    assert split(examples_of(shuffled)) == split(examples_of(pairs))


def test_the_split_says_how_many_examples_are_missing():
    texts = [f"text {i}" for i in range(9)]
    examples = LabelledTexts([*texts, texts[8]], ["x"] * 6 + ["rare"] * 4)
    with pytest.raises(UserError, match=r"needs 4 different texts; add .* each: \{'rare': 1\}$"):
        split(examples)


def test_the_split_names_a_few_of_many_rare_labels():
    texts = [f"text {i}" for i in range(1000)]
    with pytest.raises(UserError) as error:
        split(LabelledTexts(texts, texts))
    assert len(str(error.value)) < 300


def test_a_part_has_the_name_of_its_split_or_is_all_of_them():
    parts = {name: LabelledTexts([name, "b"], ["x", "y"]) for name in ("train", "validation")}
    splits = Splits(**parts, test=LabelledTexts(["test"], ["z"]))
    for name in ("train", "validation", "test"):
        assert load_part(lambda: splits, name) == getattr(splits, name)
    together = LabelledTexts(["train", "b", "validation", "b", "test"], ["x", "y", "x", "y", "z"])
    assert load_part(lambda: splits, "all") == together


def test_an_unknown_part_is_refused_before_anything_is_loaded():
    with pytest.raises(UserError) as error:
        load_part(lambda: pytest.fail("loaded"), "trial")
    assert str(error.value) == "unknown split 'trial': choose train, validation, test or all"
