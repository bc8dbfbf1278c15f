"""The SMS Spam Collection as this task uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zoo.data.examples import LabelledTexts, Splits
from zoo.data.sources import Source
from zoo.data.tfds_builder import prepare

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

SMS_SPAM = Source(
    name="SMS Spam Collection v.1",
    homepage="https://archive.ics.uci.edu/dataset/228/sms+spam+collection",
    urls=("https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip",),
    mirror_paths=("sms_spam/SMSSpamCollection",),
    sha256={
        "SMSSpamCollection": "7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d"
    },
    counts={
        "lines": 5574,
        "ham": 4827,
        "spam": 747,
        "distinct lines": 5171,
        "distinct spam": 653,
    },
    licence="CC BY 4.0",
    citation="""\
@inproceedings{almeida2011contributions,
  title = {Contributions to the Study of {SMS} Spam Filtering: New Collection and Results},
  author = {Almeida, Tiago A. and G{\\'o}mez Hidalgo, Jos{\\'e} Mar{\\'i}a and Yamakami, Akebo},
  booktitle = {Proceedings of the 11th {ACM} Symposium on Document Engineering},
  year = {2011},
  pages = {259--262},
  doi = {10.1145/2034691.2034742},
}
@misc{almeida2011sms,
  title = {{SMS} Spam Collection},
  author = {Almeida, Tiago and Hidalgo, Jos{\\'e}},
  year = {2011},
  howpublished = {{UCI} Machine Learning Repository},
  doi = {10.24432/C5CC84},
}""",
    note="The canonical download was never tried; the mirror's file is the canonical one.",
)


class _Row(NamedTuple):
    id: int
    text: str
    label: str


def load_sms_spam() -> Splits[LabelledTexts]:
    """Loads the published splits: 3,103 messages to train, 1,033 to validate, 1,035 to test.

    Of these 392, 130 and 131 are spam. `split` made the splits and their order.

    Raises:
        UserError: The set cannot be fetched or prepared.
    """
    from tasks.spam_detection.sms_spam import SmsSpam

    builder = prepare(SmsSpam)
    return Splits(
        train=_labelled_texts(_rows(builder, "train")),
        validation=_labelled_texts(_rows(builder, "validation")),
        test=_labelled_texts(_rows(builder, "test")),
    )


def load_all() -> LabelledTexts:
    """Loads all 5,171 distinct messages in the file's order, as cross-validation wants them.

    Raises:
        UserError: The set cannot be fetched or prepared.
    """
    from tasks.spam_detection.sms_spam import SmsSpam

    return _labelled_texts(sorted(_rows(prepare(SmsSpam), "all")))


def _rows(builder: tfds.core.DatasetBuilder, split: str) -> list[_Row]:
    import tensorflow_datasets as tfds

    name_of_label = builder.info.features["label"].int2str
    return [
        _Row(int(row["id"]), row["text"].decode("utf-8"), name_of_label(row["label"]))
        for row in tfds.as_numpy(builder.as_dataset(split=split))
    ]


def _labelled_texts(rows: list[_Row]) -> LabelledTexts:
    return LabelledTexts([row.text for row in rows], [row.label for row in rows])
