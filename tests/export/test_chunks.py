import pytest
import tensorflow as tf

from zoo.export.chunks import _BYTES, _ROWS, in_chunks


def numbers(rows):
    """Texts that say their place, of lengths all mixed up."""
    return [f"{n} " + "x" * (n * 37 % 101) for n in range(rows)]


def place(chunk):
    """The number in each text, and the size of the chunk that it came in."""
    number = tf.strings.to_number(tf.strings.regex_replace(chunk, " x*$", ""))
    return tf.stack([number, tf.fill(tf.shape(number), tf.cast(tf.size(chunk), tf.float32))], 1)


def one(answer, text, width):
    """Of an answer that is one tensor `[chunk, width]`."""
    [result] = in_chunks(lambda chunk: [answer(chunk)], text, [tf.TensorSpec([None, width])])
    return result


@tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
def in_graph(text):
    return one(place, text, width=2)


@pytest.mark.parametrize("rows", [0, 1, _ROWS, _ROWS + 1, 200])
def test_the_order_of_the_texts_is_kept(rows):
    answers = in_graph(tf.constant(numbers(rows), tf.string)).numpy()
    assert answers.shape == (rows, 2)
    assert answers[:, 0].tolist() == list(range(rows))


def test_a_chunk_has_a_bounded_number_of_texts():
    rows = 3 * _ROWS + 5
    assert set(in_graph(tf.constant(numbers(rows))).numpy()[:, 1]) == {_ROWS, 5}


def test_a_chunk_holds_texts_of_about_one_length():
    def longest(chunk):
        length = tf.strings.length(chunk)
        return tf.cast(tf.fill([tf.size(chunk), 1], tf.reduce_max(length)), tf.float32)

    text = tf.constant(["x" * (10 if n % 2 else 500) for n in range(2 * _ROWS)])
    assert one(longest, text, width=1).numpy()[:, 0].tolist() == [500, 10] * _ROWS


def sizes(lengths):
    """Rows and longest text of the chunk that each text came in."""

    def size(chunk):
        both = tf.stack([tf.size(chunk), tf.reduce_max(tf.strings.length(chunk))])
        return tf.cast(tf.repeat(both[None], tf.size(chunk), axis=0), tf.float32)

    return one(size, tf.constant(["x" * n for n in lengths]), width=2).numpy().astype(int)


def test_longer_texts_come_in_smaller_chunks():
    found = sizes([_BYTES // 10] * 25 + [7] * 3 + [_BYTES // 4] * 9)
    assert (found.prod(axis=1) <= _BYTES).all()
    rows = found[:, 0].tolist()
    # Seven of a tenth share a chunk with the three short ones.
    assert rows == [10] * (7 + 10) + [8] * 8 + [10] * 3 + [4] * 8 + [1]


def test_an_enormous_text_is_a_chunk_of_its_own():
    found = sizes([3 * _BYTES, 5, 2 * _BYTES, 5])
    assert found.tolist() == [[1, 3 * _BYTES], [2, 5], [1, 2 * _BYTES], [2, 5]]


def test_equal_texts_get_their_own_answers():
    seen = one(lambda chunk: tf.ones([tf.size(chunk), 1]), tf.constant(["a"] * 70), width=1)
    assert seen.numpy().tolist() == [[1]] * 70


def test_an_answer_may_have_several_parts_of_several_kinds():
    text = tf.constant(numbers(_ROWS + 3))
    outputs = [tf.TensorSpec([None], tf.string), tf.TensorSpec([None, 2])]
    same, places = in_chunks(lambda chunk: (chunk, place(chunk)), text, outputs)
    assert same.numpy().tolist() == text.numpy().tolist()
    assert places.numpy()[:, 0].tolist() == list(range(_ROWS + 3))
