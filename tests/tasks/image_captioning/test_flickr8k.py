import hashlib
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tasks.image_captioning import data
from zoo.data.captioned import Captioned
from zoo.errors import UserError

LISTS = {"train": [4, 0, 7, 2], "dev": [5, 1], "test": [6]}  # 3 is in no split
COUNTS = {
    "photos": 8,
    "captions": 45,
    "photos to train": 4,
    "photos to validate": 2,
    "photos to test": 1,
    "photos in no split": 1,
}


def photo(n):
    """Some of them grey, and each of another size."""
    noise = np.random.default_rng(n).integers(0, 255, (6 + n, 9, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).convert("L" if n % 2 else "RGB").save(file, "JPEG", quality=60)
    return file.getvalue()


def captions(n):
    return tuple(f"Photo {n} , naïve caption {m} .\x85\u2028" for m in range(5))


def archives():
    """As published: captions of a photo that is not there, files that nobody needs."""
    photos = {f"Flicker8k_Dataset/{n}.jpg": photo(n) for n in range(8)}
    photos["__MACOSX/Flicker8k_Dataset/._1.jpg"] = b"x"
    written = [(f"{n}.jpg", caption) for n in range(8) for caption in enumerate(captions(n))]
    written += [("8.jpg.1", caption) for caption in enumerate(captions(8))]
    texts = {
        "Flickr8k.token.txt": "".join(f"{id}#{m}\t{text}\n" for id, (m, text) in written),
        "Flickr8k.lemma.token.txt": "0.jpg#0\tno\n",
        "readme.txt": "Please cite",
        "__MACOSX/._Flickr8k.token.txt": "x",
    }
    for name, numbers in LISTS.items():
        texts[f"Flickr_8k.{name}Images.txt"] = "".join(f"{n}.jpg\n" for n in numbers)
    return photos, texts


@pytest.fixture
def fill(monkeypatch, tmp_path):
    """Fills a mirror with archives, which the builder takes for the published ones."""
    from tasks.image_captioning.flickr8k import Flickr8k

    monkeypatch.setattr(Flickr8k, "SOURCE", replace(data.FLICKR8K, counts=COUNTS))
    folder = tmp_path / "mirror"
    (folder / "flickr8k").mkdir(parents=True)
    monkeypatch.setenv("ZOO_MIRROR", str(folder))
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))

    def fill(*contents):
        checksums = []
        for path, files in zip(data.FLICKR8K.mirror_paths, contents, strict=True):
            with zipfile.ZipFile(folder / path, "w") as archive:
                for name, content in files.items():
                    archive.writestr(name, content)
            checksum = hashlib.sha256((folder / path).read_bytes()).hexdigest()
            checksums.append(f"{checksum}  {path}\n")
        (folder / "SHA256SUMS").write_text("".join(checksums))

    return fill


def test_the_splits_are_the_published_ones_to_the_byte(fill, capsys, monkeypatch):
    fill(*archives())
    monkeypatch.setattr(data, "_BATCH", 3)
    splits = data.load_flickr8k()
    for part, numbers in zip(vars(splits).values(), LISTS.values(), strict=True):
        assert part == Captioned([photo(n) for n in numbers], [captions(n) for n in numbers])
    assert capsys.readouterr().out == ""


def test_a_photo_that_is_missing_is_told(fill, tmp_path):
    photos, texts = archives()
    del photos["Flicker8k_Dataset/5.jpg"]
    fill(photos, texts)
    with pytest.raises(UserError, match=r"7 photos, .*1 photos to validate, .*, not 8 p") as error:
        data.load_flickr8k()
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "data").glob("flickr8k/1*"))


@pytest.mark.parametrize("name", ["Flickr8k.token.txt", "Flickr_8k.testImages.txt"])
def test_a_text_that_is_missing_is_told(fill, name):
    photos, texts = archives()
    del texts[name]
    fill(photos, texts)
    with pytest.raises(UserError, match=r"Flickr8k is not the published set: .* 0 photos to test"):
        data.load_flickr8k()


def test_a_photo_without_five_captions_is_told(fill):
    photos, texts = archives()
    texts["Flickr8k.token.txt"] = texts["Flickr8k.token.txt"].replace("6.jpg#4", "5.jpg#5")
    fill(photos, texts)
    with pytest.raises(UserError, match=r"45 captions, .* 1 photos to validate, 0 photos to test"):
        data.load_flickr8k()
