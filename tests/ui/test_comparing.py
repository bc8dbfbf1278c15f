"""What of a checkout is compared."""

from PIL import Image

from zoo.ui.comparing import comparisons, theory


def test_what_is_committed_is_found(tmp_path):
    assert comparisons(tmp_path) == []
    assert theory(tmp_path) == []
    for task in ("b_task", "a_task"):
        (tmp_path / "tasks" / task).mkdir(parents=True)
        (tmp_path / "tasks" / task / "comparison.md").write_text(f"| {task} |")
    picture = tmp_path / "tasks" / "b_task" / "comparison.png"
    Image.new("L", (1, 1)).save(picture)
    assert comparisons(tmp_path) == [
        ("a_task", "| a_task |", None),
        ("b_task", "| b_task |", picture),
    ]

    (tmp_path / "docs" / "pictures").mkdir(parents=True)
    page = "![One](pictures/one.png) and ![Two](pictures/two.png)"
    (tmp_path / "docs" / "all_about_rnn.md").write_text(page)
    two = tmp_path / "docs" / "pictures" / "two.png"
    Image.new("L", (1, 1)).save(two)
    assert theory(tmp_path) == [(two, "Two")]
