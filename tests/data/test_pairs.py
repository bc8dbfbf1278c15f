import hashlib
import json
import random

import pytest

from zoo.data.pairs import Pairs, read_pairs, split_pairs
from zoo.errors import UserError

PAIRS = Pairs(
    sources=[f"Sentence {n // 2}." for n in range(400)],
    targets=[f"Satz {n}." for n in range(400)],
)


def rows(pairs):
    return list(zip(pairs.sources, pairs.targets, strict=True))


def digests(sentences):
    return [hashlib.sha256(sentence.encode()).hexdigest() for sentence in sentences]


def test_every_source_has_a_target():
    with pytest.raises(ValueError, match="2 sources but 1 targets"):
        Pairs(["a", "b"], ["A"])


def test_select_keeps_pairs_together():
    pairs = Pairs(["a", "b", "c"], ["A", "B", "C"])
    assert rows(pairs.select(n for n in (2, 0))) == [("c", "C"), ("a", "A")]
    assert len(pairs.select([])) == 0


def test_the_digest_of_the_key_says_where_a_pair_stands():
    splits = split_pairs(PAIRS, PAIRS.sources, (60, 30, 10))
    parts = (splits.train, splits.validation, splits.test)
    assert sorted(row for part in parts for row in rows(part)) == sorted(rows(PAIRS))
    for part, (least, end) in zip(parts, [(0, 0.6), (0.6, 0.9), (0.9, 1)], strict=True):
        found = digests(part.sources)
        assert found == sorted(found)
        assert all(least <= int(digest, 16) / 2**256 < end for digest in found)


def test_either_side_can_be_the_key():
    swapped = Pairs(PAIRS.targets, PAIRS.sources)
    splits = split_pairs(PAIRS, PAIRS.sources, (60, 20, 20))
    of_swapped = split_pairs(swapped, swapped.targets, (60, 20, 20))
    for part, other in zip(vars(splits).values(), vars(of_swapped).values(), strict=True):
        assert sorted(rows(part)) == sorted((source, target) for target, source in rows(other))


def test_the_order_and_repeated_rows_do_not_matter():
    order = [*range(400), *range(0, 400, 3)]
    random.Random(0).shuffle(order)
    shuffled = PAIRS.select(order)
    expected = split_pairs(PAIRS, PAIRS.sources, (60, 20, 20))
    assert split_pairs(shuffled, shuffled.sources, (60, 20, 20)) == expected


def test_a_pair_stays_in_its_split_when_the_set_grows():
    few = PAIRS.select(range(100))
    small = split_pairs(few, few.sources, (60, 20, 20))
    large = split_pairs(PAIRS, PAIRS.sources, (60, 20, 20))
    for name in ("train", "validation", "test"):
        assert set(rows(getattr(small, name))) < set(rows(getattr(large, name)))


def test_too_few_sentences_are_refused():
    same = Pairs(["Hi."] * 50, [f"Hallo {n}!" for n in range(50)])
    with pytest.raises(UserError, match=r"too few different sentences \(1\).*: add more pairs"):
        split_pairs(same, same.sources, (60, 20, 20))


@pytest.mark.parametrize("percents", [(60, 20, 10), (100, 0, 0), (60, 80, -40)])
def test_percents_are_shares_of_a_hundred(percents):
    with pytest.raises(ValueError, match="no three shares of 100"):
        split_pairs(PAIRS, PAIRS.sources, percents)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pairs.csv", 'id,target,source\n1,"Ja, gut.",Yes.\n2,Nein.,No.\n2,Nein.,No.\n'),
        ("pairs.tsv", "source\ttarget\nYes.\tJa, gut.\n\nNo.\tNein.\nNo.\tNein.\n"),
        (
            "pairs.jsonl",
            '{"source": "Yes.", "target": "Ja, gut."}\n'
            + f"{json.dumps({'target': 'Nein.', 'source': 'No.'})}\n" * 2,
        ),
    ],
)
def test_reads_a_table(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    expected = [("Yes.", "Ja, gut."), ("No.", "Nein."), ("No.", "Nein.")]
    assert rows(read_pairs(tmp_path / name)) == expected


def test_bad_rows_are_reported_by_line(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("source\ttarget\nYes.\tJa.\nNo.\nMaybe.\t \n")
    with pytest.raises(UserError) as error:
        read_pairs(path)
    assert str(error.value) == (
        f"{path} has bad rows (2): line 3: fields: 1, not 2 as in the header; "
        "line 4: empty 'target'. Mend or remove these lines"
    )


def test_a_missing_column_is_named(tmp_path):
    (tmp_path / "pairs.csv").write_text("text,label\nhello,ham\n")
    with pytest.raises(UserError, match="needs one column 'source' and has the columns"):
        read_pairs(tmp_path / "pairs.csv")
