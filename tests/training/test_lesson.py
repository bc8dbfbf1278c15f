import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.errors import UserError
from zoo.training import lesson

ROWS = st.lists(st.lists(st.integers(0, 100_000), max_size=5), max_size=6)


@given(ROWS)
def test_what_was_written_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("lesson") / "lesson.npz"
    targets = np.array([[0.25, 0.75]], np.float32)
    lesson.save(path, {"rows": [np.array(row, np.int32) for row in rows], "targets": targets})
    parts = lesson.load(path)
    assert parts.keys() == {"rows", "targets"}
    assert [row.tolist() for row in parts["rows"]] == rows
    assert all(row.dtype == np.int32 for row in parts["rows"])
    np.testing.assert_array_equal(parts["targets"], targets)


def test_small_numbers_take_little_room(tmp_path):
    sizes = []
    for largest in (255, 256, 65_536):
        path = tmp_path / f"{largest}.npz"
        lesson.save(path, {"rows": [np.full(10_000, largest, np.int32)]})
        sizes.append(path.stat().st_size // 10_000)
    assert sizes == [1, 2, 4]


def test_a_damaged_lesson_is_said_to_be_one(tmp_path):
    path = tmp_path / "lesson.npz"
    lesson.save(path, {"rows": [np.arange(100, dtype=np.int32)]})
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(UserError, match=r"the file .*lesson.npz cannot be read \("):
        lesson.load(path)
