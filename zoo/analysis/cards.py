"""The measured numbers in README, cards and results.csv, written from the facts: `make cards`.

What stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` is made here, from the facts in
each SavedModel's `assets.extra/`, the comparison's CSV and the benchmark's CSV.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo import hub
from zoo.analysis import lengths, load, page
from zoo.analysis.compare import markdown, read_table
from zoo.data.atomic import replacing
from zoo.errors import UserError
from zoo.export.extra import read_extra
from zoo.metrics.headlines import HEADLINES


def documents(root: Path) -> dict[Path, str]:
    """Every file with measured numbers in a checkout, as it should be.

    Raises:
        UserError: a file or a marked place in it is missing.
    """
    models = {info.task: info for info in hub.list_models()}
    made = {
        root / "README.md": {"models": _models_table(models)},
        root / "docs" / "all_about_rnn.md": page.parts(root),
        root / "docs" / "serving.md": load.parts(root),
        **{
            root / "tasks" / task / "README.md": _card(root, task, info)
            for task, info in models.items()
        },
    }
    files = {path: _filled(path, parts) for path, parts in made.items()}
    files[root / "saved_models" / "results.csv"] = _results(models)
    return files


def _card(root: Path, task: str, info: hub.ModelInfo) -> dict[str, str]:
    """The parts of a task's card: of what was not measured yet, none."""
    facts = read_extra(info.path, "facts.json")
    parts = {"facts": _facts(facts, info)}
    if "shown" in facts:
        parts["shown"] = _shown(facts["shown"])
    comparison = root / "tasks" / task / "comparison.csv"
    if comparison.exists():
        parts["comparison"] = markdown(read_table(comparison), _headline(info))
    by_length = root / "tasks" / task / "comparison_by_length.csv"
    if by_length.exists():
        parts["comparison"] += "\n" + lengths.markdown(read_table(by_length))
    speed = root / "benchmarks" / f"{task}.csv"
    if speed.exists():
        parts["speed"] = _speed(read_table(speed))
    return parts


def _filled(path: Path, parts: Mapping[str, str]) -> str:
    text = path.read_text(encoding="utf-8")
    for name, part in parts.items():
        before, begin, rest = text.partition(f"<!-- {name}:begin -->\n")
        _, end, after = rest.partition(f"<!-- {name}:end -->")
        if not end:
            raise UserError(f"{path} has no place for the part {name!r}")
        text = before + begin + part + end + after
    return text


def _models_table(models: Mapping[str, hub.ModelInfo]) -> str:
    titles = ["task", "model", "on its test split (95 %)", "size", "data", "licence of the data"]
    rows = [
        [
            f"[{task}](tasks/{task}/README.md)",
            f"{info.cell}, {info.parameters:,} parameters",
            f"{HEADLINES[_headline(info)]} {_interval(info.metrics['test'], _headline(info))}",
            f"{info.megabytes:.1f} MB",
            info.data,
            info.licence,
        ]
        for task, info in models.items()
    ]
    return _table(titles, rows)


def _headline(info: hub.ModelInfo) -> str:
    """The first figure that has an interval."""
    name = next(name for name in info.metrics["test"] if name.endswith("_95"))
    return name.removesuffix("_95")


def _interval(figures: Mapping[str, Any], headline: str) -> str:
    low, high = figures[f"{headline}_95"]
    digits = 1 if high > 1 else 3  # in per cent, or a share
    return f"{figures[headline]:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _facts(facts: Mapping[str, Any], info: hub.ModelInfo) -> str:
    training = "last stage" if "decoder_alone" in facts else "training"
    lines = [
        ("data", f"{facts['data_description']}; licence {facts['licence']}"),
        ("model", f"{info.cell}, {info.parameters:,} parameters, {info.megabytes:.1f} MB"),
        (training, f"{_stage(facts)}, on {facts['machine']}"),
        ("versions", ", ".join(f"{name} {number}" for name, number in facts["versions"].items())),
        ("command", f"`{facts['command']}`"),
        *_descent(facts),
    ]
    if "pretraining" in facts:
        first = facts["pretraining"]
        told = (
            f"language models on {first['texts']:,} texts, {first['tokens']:,} tokens; "
            f"{_duration(first['wall_seconds'])}; perplexity {first['perplexity']:.0f}"
            f"{_on(first)}"
        )
        lines.append(("pretraining", told))
    for stage in ("decoder_alone", "encoder_too"):
        if stage in facts:
            first = facts[stage]
            told = (
                f"{_epochs(first['epochs'])}, {_duration(first['wall_seconds'])}; validation loss "
                f"{first['validation_loss']:.3f}"
            )
            lines.append((stage.replace("_", " "), told))
    table = "| | |\n|---|---|\n" + "".join(f"| {k} | {v} |\n" for k, v in lines)
    document = read_extra(info.path, "model.json")
    if "labels" in document:
        return table + "\n" + _classification(facts, _headline(info), document["labels"])
    return table + "\n" + _writing(facts, document["answer"])


def _descent(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The models that a training started from, the last before it first."""
    said = "started from"
    while "start" in facts:
        facts = facts["start"]
        told = f"{_stage(facts)}{_on(facts)}; `{facts['command']}`"
        yield said, f"a model of {facts['data_description']}; {told}"
        said = "which started from"


def _stage(facts: Mapping[str, Any]) -> str:
    return (
        f"{_duration(facts['wall_seconds'])}, {_epochs(facts['epochs'])}, "
        f"{facts['steps']:,} steps, seed {facts['seed']}"
    )


def _on(first: Mapping[str, Any]) -> str:
    """The machine of an earlier training, which facts of old do not tell."""
    return f", on {first['machine']}" if "machine" in first else ""


def _epochs(number: int) -> str:
    return "1 epoch" if number == 1 else f"{number} epochs"


def _duration(seconds: float) -> str:
    """In the unit that one would say."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _classification(facts: Mapping[str, Any], headline: str, labels: Sequence[str]) -> str:
    negative, positive = labels
    shares = [name for name in ("f1", "accuracy") if name != headline]
    titles = [
        "split",
        "texts",
        f"{HEADLINES[headline]} (95 %)",
        *("F1" if name == "f1" else name for name in shares),
        f"{negative} answered {positive}",
        f"{positive} answered {negative}",
    ]
    rows = [
        [
            split,
            figures["examples"],
            _interval(figures, headline),
            *(f"{figures[name]:.4f}" for name in shares),
            f"{figures['false_positives']} of {figures['examples'] - figures['positives']}",
            f"{figures['false_negatives']} of {figures['positives']}",
        ]
        for split, figures in facts["metrics"].items()
    ]
    return _table(titles, rows)


_WRITTEN: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "translation": (
        "sentences",
        {
            "bleu": "BLEU, cased (95 %)",
            "bleu_lower": "BLEU, lower-cased (95 %)",
            "chrf": "chrF (95 %)",
        },
    ),
    "reply": (
        "replies",
        {
            "bleu_1": "BLEU-1 (95 %)",
            "bleu_2": "BLEU-2 (95 %)",
            "distinct_1": "distinct-1",
            "distinct_2": "distinct-2",
            "distinct_replies": "different replies",
            "most_frequent_reply": "the most frequent reply",
            "mean_length": "words",
            "word_perplexity": "perplexity per word",
            "sacrebleu": "sacreBLEU",
        },
    ),
    "caption": (
        "photos",
        {
            "bleu_4": "BLEU-4 (95 %)",
            "bleu_1": "BLEU-1 (95 %)",
            "cider_d": "CIDEr-D (95 %)",
            "meteor": "METEOR (95 %)",
            "rouge_l": "ROUGE-L (95 %)",
            "distinct": "different captions",
        },
    ),
}
"""By what an answer is called: what is answered to, and the figures with their titles."""


def _writing(facts: Mapping[str, Any], answer: str) -> str:
    examples, known = _WRITTEN[answer]
    splits = facts["metrics"].values()
    # METEOR is measured where Java runs.
    names = {name: title for name, title in known.items() if all(name in x for x in splits)}
    rows = [
        [
            split,
            figures["examples"],
            *(
                _interval(figures, name) if f"{name}_95" in figures else f"{figures[name]:.3g}"
                for name in names
            ),
        ]
        for split, figures in facts["metrics"].items()
    ]
    table = _table(["split", examples, *names.values()], rows)
    signatures = {figures.get("signature") for figures in splits} - {None}
    return table + "".join(
        f"\nsacreBLEU's signature: `{signature}`; lower-cased: `case:lc`.\n"
        for signature in signatures
    )


def _table(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    head = f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}\n"
    return head + "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)


def _shown(rows: Sequence[Mapping[str, str]]) -> str:
    names = list(rows[0])
    return _table(
        names,
        [[row[name].replace("|", "\\|").replace("\n", "<br>") for name in names] for row in rows],
    )


def _speed(lines: list[dict[str, str]]) -> str:
    return _table(
        ["what", "median", "ratio to the shipped model"],
        [[x["what"], f"{float(x['milliseconds']):.2f} ms", x["ratio"]] for x in lines],
    )


def _results(models: Mapping[str, hub.ModelInfo]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["task", "version", "cell", "parameters", "megabytes", "split", "figure", "value"]
    )
    for info in models.values():
        for split, figures in info.metrics.items():
            for name, value in figures.items():
                for n, number in enumerate(value if isinstance(value, list) else [value]):
                    shown = f"{name}_{('low', 'high')[n]}" if isinstance(value, list) else name
                    row = [info.task, info.version, info.cell, info.parameters, info.megabytes]
                    writer.writerow([*row, split, shown, number])
    return out.getvalue()


def main() -> None:
    """Write the numbers into the files."""
    for path, text in documents(Path.cwd()).items():
        with replacing(path) as beside:
            beside.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
