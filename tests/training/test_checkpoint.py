import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zoo.errors import UserError
from zoo.training import checkpoint

VALUES = [
    np.array([[0.1, -0.0], [np.inf, 5e-324]], "float64"),
    np.array([1e-45, 3.4e38, 0.1], "float32"),
    np.array([2**63 - 1, -(2**63)], "int64"),
    np.array([2**32 - 1], "uint32"),
    np.array(7, "int32"),
    np.array([True, False]),
    np.zeros((0, 3), "float32"),
]
STATE = {"epoch": 3, "loss": 0.1 + 0.2, "best": float("inf"), "history": [{"a": 1e-300}], "é": None}


def variables(values=VALUES):
    return [
        keras.Variable(np.zeros_like(value), dtype=value.dtype.name, trainable=False)
        for value in values
    ]


def assign(targets, values):
    for variable, value in zip(targets, values, strict=True):
        variable.assign(value)
    return targets


def contents(targets):
    return [np.array(v).tobytes() for v in targets]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "new folder" / "checkpoint.npz"
    checkpoint.save(path, assign(variables(), VALUES), STATE)
    return path


def test_every_bit_of_every_type_comes_back(path):
    targets = variables()
    assert checkpoint.load(path, targets) == STATE
    assert contents(targets) == [value.tobytes() for value in VALUES]
    assert [v.dtype for v in targets] == [value.dtype.name for value in VALUES]
    assert checkpoint.read_state(path) == STATE


def test_the_states_of_dropout_come_back(tmp_path):
    path = tmp_path / "checkpoint.npz"
    dropout, ones = keras.layers.Dropout(0.5, seed=1), np.ones((50,), np.float32)
    dropout(ones, training=True)
    checkpoint.save(path, dropout.variables, {})
    expected = np.array(dropout(ones, training=True))
    again = keras.layers.Dropout(0.5, seed=2)
    checkpoint.load(path, again.variables)
    assert np.array_equal(again(ones, training=True), expected)


def test_more_than_ten_variables_keep_their_order(tmp_path):
    values = [np.array(n, "int32") for n in range(120)]
    checkpoint.save(tmp_path / "c.npz", assign(variables(values), values), {})
    targets = variables(values)
    checkpoint.load(tmp_path / "c.npz", targets)
    assert [int(v) for v in targets] == list(range(120))


@pytest.mark.parametrize(
    "change",
    [lambda v: v[:-1], lambda v: [*v, v[0]], lambda v: v[::-1]],
    ids=["fewer", "more", "other shapes"],
)
def test_another_model_is_refused_and_left_alone(path, change):
    targets = change(variables())
    before = contents(targets)
    with pytest.raises(UserError) as error:
        checkpoint.load(path, targets)
    assert str(error.value) == (
        f"the checkpoint {path} is of another model: delete it to start again"
    )
    assert contents(targets) == before


def refused(path):
    with pytest.raises(UserError) as error:
        checkpoint.load(path, variables())
    message = str(error.value)
    assert message.startswith(f"the file {path} cannot be read (")
    assert message.endswith("): delete it to start again")
    assert "\n" not in message
    with pytest.raises(UserError):
        checkpoint.read_state(path)


@pytest.mark.parametrize(
    "damage",
    [lambda _: b"", lambda _: b"no archive", lambda c: c[: len(c) // 2], lambda c: c[:-1]],
    ids=["empty", "no archive", "half", "all but one byte"],
)
def test_a_damaged_file_is_refused(path, damage):
    path.write_bytes(damage(path.read_bytes()))
    refused(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    refused(tmp_path / "none.npz")
    refused(tmp_path)


def test_an_archive_of_something_else_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", weights=np.zeros(3))
    refused(tmp_path / "other.npz")


def test_nothing_is_unpickled(tmp_path):
    np.savez(tmp_path / "evil.npz", state=np.array({"a": 1}, dtype=object))
    refused(tmp_path / "evil.npz")


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_flipped_byte_is_taken_for_a_weight(path, place, bits):
    good = path.read_bytes()
    bad = bytearray(good)
    bad[int(place * len(bad))] ^= bits
    path.write_bytes(bad)
    targets = variables()
    before = contents(targets)
    try:
        checkpoint.load(path, targets)
        assert contents(targets) == [value.tobytes() for value in VALUES]
    except UserError:
        assert contents(targets) == before
    finally:
        path.write_bytes(good)
