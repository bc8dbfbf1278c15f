import hashlib
import io
import json
import random

import pytest
from PIL import Image

from zoo.data.captioned import Captioned, read_captioned, split_captioned
from zoo.errors import UserError


def png(shade):
    file = io.BytesIO()
    Image.new("RGB", (4, 4), (shade, shade // 2, 0)).save(file, "PNG")
    return file.getvalue()


PHOTOS = Captioned([b"photo %d" % n for n in range(300)], [(f"It is {n}.",) for n in range(300)])


def rows(photos):
    return list(zip(photos.images, photos.captions, strict=True))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "photos").mkdir()
    for shade in (10, 20):
        (tmp_path / f"photos/{shade}.png").write_bytes(png(shade))
    return tmp_path


def test_every_photo_has_captions():
    with pytest.raises(ValueError, match="2 images but captions of 1"):
        Captioned([b"a", b"b"], [("A",)])


def test_select_keeps_captions_with_their_photo():
    photos = Captioned([b"a", b"b", b"c"], [("A",), ("B",), ("C", "c")])
    chosen = photos.select(n for n in (2, 0))
    assert rows(chosen) == [(b"c", ("C", "c")), (b"a", ("A",))]
    assert chosen.pairs() == [(0, "C"), (0, "c"), (1, "A")]


@pytest.mark.parametrize("by_folder", [True, False])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "captions.csv",
            'caption,id,image\n"Dark, red.",1,photos/10.png\nLighter.,2,photos/20.png\n'
            "Dark.,3,photos/10.png\n",
        ),
        (
            "captions.tsv",
            "image\tcaption\nphotos/10.png\tDark, red.\nphotos/20.png\tLighter.\n"
            "photos/10.png\tDark.\n",
        ),
        (
            "captions.jsonl",
            "".join(
                json.dumps({"image": f"photos/{shade}.png", "caption": caption}) + "\n"
                for shade, caption in [(10, "Dark, red."), (20, "Lighter."), (10, "Dark.")]
            ),
        ),
    ],
)
def test_reads_captions_and_the_photos_beside_them(folder, name, content, by_folder):
    (folder / name).write_text(content)
    photos = read_captioned(folder if by_folder else folder / name)
    assert rows(photos) == [(png(10), ("Dark, red.", "Dark.")), (png(20), ("Lighter.",))]


def test_bad_rows_are_reported_by_line_and_bad_photos_once(folder):
    (folder / "photos/text.jpg").write_text("no photo")
    path = folder / "captions.csv"
    path.write_text(
        "image,caption\nphotos/10.png,Dark.\nphotos/text.jpg,Odd.\nphotos/text.jpg,Even.\n"
        "none.png,Gone.\n"
    )
    with pytest.raises(UserError) as error:
        read_captioned(path)
    assert str(error.value) == (
        f"{path} has bad rows (2): line 3: {folder}/photos/text.jpg is not an image: give a JPEG "
        f"or PNG file; line 5: {folder}/none.png does not exist: check the file's name. "
        "Mend or remove these lines"
    )


def test_a_row_without_a_caption_is_bad(folder):
    (folder / "captions.csv").write_text("image,caption\nphotos/10.png, \n")
    with pytest.raises(UserError, match="line 2: empty 'caption'"):
        read_captioned(folder)


@pytest.mark.parametrize(("names", "number"), [([], "none"), (["csv", "tsv"], "several")])
def test_a_folder_has_one_file_of_captions(folder, names, number):
    for name in names:
        (folder / f"captions.{name}").write_text("image,caption\n")
    with pytest.raises(UserError, match=rf"holds {number} of captions\.csv, .*: name the file"):
        read_captioned(folder)


def test_the_digest_of_a_photo_says_where_it_stands():
    splits = split_captioned(PHOTOS, (60, 30, 10))
    parts = (splits.train, splits.validation, splits.test)
    assert sorted(row for part in parts for row in rows(part)) == sorted(rows(PHOTOS))
    for part, (least, end) in zip(parts, [(0, 0.6), (0.6, 0.9), (0.9, 1)], strict=True):
        digests = [hashlib.sha256(image).hexdigest() for image in part.images]
        assert digests == sorted(digests)
        assert all(least <= int(digest, 16) / 2**256 < end for digest in digests)


def test_equal_photos_are_one_with_all_captions():
    order = list(range(300))
    random.Random(0).shuffle(order)
    again = Captioned(
        [*PHOTOS.images, *PHOTOS.images],
        [*PHOTOS.captions, *((*captions, "Again.") for captions in PHOTOS.captions)],
    )
    expected = split_captioned(PHOTOS, (60, 20, 20))
    assert split_captioned(PHOTOS.select(order), (60, 20, 20)) == expected
    found = split_captioned(again, (60, 20, 20))
    assert found.test.images == expected.test.images
    assert found.test.captions == [(*captions, "Again.") for captions in expected.test.captions]


def test_too_few_photos_are_refused():
    with pytest.raises(UserError, match=r"too few different photos \(1\) .*: add more"):
        split_captioned(Captioned([b"a"] * 9, [("A",)] * 9), (60, 20, 20))


@pytest.mark.parametrize("percents", [(60, 20, 10), (100, 0, 0)])
def test_percents_are_shares_of_a_hundred(percents):
    with pytest.raises(ValueError, match="no three shares of 100"):
        split_captioned(PHOTOS, percents)
