"""What `zoo predict` asks of a model, and how it shows the answers in the terminal."""

import dataclasses
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.text import Text

from zoo.errors import UserError
from zoo.forms import PhotoCaptioner, Sight, TextClassifier, TextGenerator
from zoo.text.vocabulary import CONTINUATION

Row = dict[str, Any]

# Photos in memory at once.
_PHOTOS = 32
_TRY_PICTURE = "try --picture FILE, which draws where the decoder looked"
_LEAST_SHARE = 0.15  # of the heaviest word: what says less is not coloured


@dataclass(frozen=True)
class Wish:
    """What to ask beside the answer.

    Attributes:
        explain: which words carried it.
        n_best: so many answers; None for the best alone.
        picture: a file to draw the attention to; None for none.
    """

    explain: bool = False
    n_best: int | None = None
    picture: Path | None = None


def ask(model: Any, texts: Sequence[bytes], wish: Wish) -> list[Row]:
    """One row of JSON types for each text, or for each photo by its file's name.

    Of a file that is no sound photo, `error` says what to do; the others are answered.

    Raises:
        UserError: the model has no answer to such a wish.
    """
    if isinstance(model, PhotoCaptioner):
        rows = _caption(model, texts, wish)
    elif isinstance(model, TextClassifier):
        rows = _classify(model, texts, wish)
    else:
        rows = _generate(model, texts, wish)
    return [
        {"input": text.decode("utf-8", "replace"), **row}
        for text, row in zip(texts, rows, strict=True)
    ]


def show(row: Row) -> None:
    """Print a row of `ask`."""
    console = Console(soft_wrap=True, highlight=False)
    if "label" in row:
        console.print(_classification(row))
    elif "n_best" in row:
        if "photo" in row:
            console.print(Text(row["photo"], "dim"))
        for answer in row["n_best"]:
            console.print(Text.assemble((f"{answer['score']:8.3f}  ", "dim"), answer["text"]))
    elif "photo" in row:
        console.print(Text.assemble((f"{row['photo']}  ", "dim"), row["text"]))
    else:
        console.print(Text(row["text"]))


def _classify(model: TextClassifier, texts: Sequence[bytes], wish: Wish) -> list[Row]:
    if wish.n_best is not None or wish.picture is not None:
        raise UserError("--n-best and --picture are for models that write; try --explain")
    rows = [dataclasses.asdict(answer) for answer in model(texts)]
    if wish.explain:
        for row, shares in zip(rows, model.explain(texts), strict=True):
            row["explanation"] = dataclasses.asdict(shares)
    return rows


def _generate(model: TextGenerator, texts: Sequence[bytes], wish: Wish) -> list[Row]:
    if wish.explain:
        raise UserError(f"--explain is for classifiers; {_TRY_PICTURE}")
    if wish.picture is not None:
        if len(texts) != 1:
            raise UserError(f"--picture draws one text, and these are {len(texts)}: give one")
        from zoo.analysis.attention_pictures import draw_alignment

        [looked] = model.explain(texts)
        draw_alignment(looked.source, looked.target, looked.attention, wish.picture)
    return _written(model, texts, wish)


def _caption(model: PhotoCaptioner, names: Sequence[bytes], wish: Wish) -> list[Row]:
    from zoo.data.photos import read_photo

    if wish.explain:
        raise UserError(f"--explain is for classifiers; {_TRY_PICTURE}")
    if wish.picture is not None and len(names) != 1:
        raise UserError(f"--picture draws one photo, and these are {len(names)}: give one")
    rows: list[Row] = []
    for begin in range(0, len(names), _PHOTOS):
        files = list(map(os.fsdecode, names[begin : begin + _PHOTOS]))
        photos: dict[str, bytes] = {}
        faults: dict[str, str] = {}
        for file in files:
            try:
                photos[file] = read_photo(Path(file))
            except UserError as error:
                faults[file] = str(error)
        answers = _written(model, list(photos.values()), wish) if photos else []
        told = dict(zip(photos, answers, strict=True))
        rows += [
            {"photo": file, **told[file]} if file in told else {"error": faults[file]}
            for file in files
        ]
        if wish.picture is not None and photos:
            _draw(model, next(iter(photos.values())), wish.picture)
    return rows


def _draw(model: PhotoCaptioner, photo: bytes, picture: Path) -> None:
    from zoo.analysis.attention_pictures import draw_photo_attention

    [looked] = model.explain([photo])
    words, attention = whole_words(looked)
    draw_photo_attention(photo, words, attention, picture)


def whole_words(looked: Sight) -> tuple[list[str], np.ndarray]:
    """The words of a caption, and where the decoder looked for each, its tokens' mean.

    Returns:
        Words; float32 `[words, rows, columns]`.
    """
    words: list[str] = []
    attention: list[list[np.ndarray]] = []
    for token, weights in zip(looked.tokens, looked.attention, strict=True):
        if token.startswith(CONTINUATION) and words:
            words[-1] += token.removeprefix(CONTINUATION)
            attention[-1].append(weights)
        else:
            words.append(token)
            attention.append([weights])
    means = [np.mean(x, axis=0) for x in attention]
    return words, np.stack(means) if means else looked.attention


def _written(
    model: TextGenerator | PhotoCaptioner, inputs: Sequence[bytes], wish: Wish
) -> list[Row]:
    if wish.n_best is None:
        return [dataclasses.asdict(answer) for answer in model(inputs)]
    found = model.n_best(inputs)
    most = max(map(len, found), default=wish.n_best)
    if wish.n_best > most:
        raise UserError(f"this model gives at most {most} answers: lower --n-best")
    return [
        {"n_best": [dataclasses.asdict(answer) for answer in answers[: wish.n_best]]}
        for answers in found
    ]


def _classification(row: Row) -> Text:
    label = row["label"]
    line = Text.assemble((f"{label:>8} ", "bold"), f"{row['probabilities'][label]:7.2%}  ")
    if "explanation" not in row:
        return line.append(row["input"])
    weights = row["explanation"]["weights"]
    for part, _, share in coloured(row["input"], row["explanation"]["tokens"], weights):
        line.append(part, _colour(share))
    return line.append(f"  ({sum(weights):+.1f})", "dim")


def coloured(
    text: str, tokens: Sequence[str], weights: Sequence[float]
) -> Iterator[tuple[str, float, float]]:
    """Cut a text into its tokens and what is between them.

    Args:
        text: that was asked.
        tokens: that a model read of it, in their order.
        weights: of each in the answer.

    Yields:
        A part of the text as it was given, its weight, and that over the heaviest one's: 0 of
        what says little, and of what is no token.
    """
    heaviest = max(map(abs, weights), default=0.0)
    # A model may read capitals as small letters; what is shown is the text as given. Of few
    # letters the small form has another length, and then places would not agree.
    fold = str.lower if len(text.lower()) == len(text) else str
    folded, place = fold(text), 0
    for token, weight in zip(tokens, weights, strict=True):
        found = folded.find(fold(token), place)
        if found >= 0:
            yield text[place:found], 0.0, 0.0  # the space between words
            place, token = found + len(token), text[found : found + len(token)]
        share = weight / heaviest if heaviest else 0.0
        yield token, weight, share if abs(share) >= _LEAST_SHARE else 0.0
    yield text[place:], 0.0, 0.0  # what is too long for the model is not read


def _colour(share: float) -> str:
    """Red speaks for the label, blue against it; what says little stays as it is."""
    if not share:
        return ""
    strength = round(100 + 155 * abs(share))
    return f"bold rgb({strength},60,60)" if share > 0 else f"bold rgb(60,100,{strength})"
