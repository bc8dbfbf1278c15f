"""The measured numbers in README, cards and results.csv, written from the facts: `make cards`.

What stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` is made here, from the facts in
each SavedModel's `assets.extra/`, the comparison's CSV and the benchmark's CSV.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo import hub
from zoo.analysis import lengths, page
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
    head = (
        "| task | model | on its test split (95 %) | size | data | licence of the data |\n"
        "|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| [{task}](tasks/{task}/README.md) | {info.cell}, {info.parameters:,} parameters "
        f"| {HEADLINES[_headline(info)]} {_interval(info.metrics['test'], _headline(info))} "
        f"| {info.megabytes:.1f} MB | {info.data} | {info.licence} |\n"
        for task, info in models.items()
    )


def _headline(info: hub.ModelInfo) -> str:
    """The first figure that has an interval."""
    name = next(name for name in info.metrics["test"] if name.endswith("_95"))
    return name.removesuffix("_95")


def _interval(figures: Mapping[str, Any], headline: str) -> str:
    low, high = figures[f"{headline}_95"]
    digits = 1 if high > 1 else 3  # in per cent, or a share
    return f"{figures[headline]:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _facts(facts: Mapping[str, Any], info: hub.ModelInfo) -> str:
    lines = {
        "data": f"{facts['data_description']}; licence {facts['licence']}",
        "model": f"{info.cell}, {info.parameters:,} parameters, {info.megabytes:.1f} MB",
        "training": f"{facts['wall_seconds'] / 60:.1f} minutes, {_epochs(facts['epochs'])}, "
        f"{facts['steps']:,} steps, seed {facts['seed']}, on {facts['machine']}",
        "versions": ", ".join(f"{name} {number}" for name, number in facts["versions"].items()),
        "command": f"`{facts['command']}`",
    }
    if "pretraining" in facts:
        first = facts["pretraining"]
        lines["pretraining"] = (
            f"language models on {first['texts']:,} texts, {first['tokens']:,} tokens; "
            f"{first['wall_seconds'] / 60:.0f} minutes; perplexity {first['perplexity']:.0f}"
        )
    if "teacher" in facts:
        first = facts["teacher"]
        lines["teacher"] = (
            f"{_epochs(first['epochs'])}, {first['wall_seconds'] / 60:.1f} minutes; validation "
            f"accuracy {first['validation_accuracy']:.4f}; labelled {first['labelled']:,} texts"
        )
    if "decoder_alone" in facts:
        first = facts["decoder_alone"]
        lines["decoder alone"] = (
            f"{_epochs(first['epochs'])}, {first['wall_seconds'] / 60:.1f} minutes; validation "
            f"loss {first['validation_loss']:.3f}"
        )
    answer = read_extra(info.path, "model.json").get("answer", "label")
    table = "| | |\n|---|---|\n" + "".join(f"| {k} | {v} |\n" for k, v in lines.items())
    return table + "\n" + _FIGURES[answer](facts, info)


def _epochs(number: int) -> str:
    return "1 epoch" if number == 1 else f"{number} epochs"


def _classification(facts: Mapping[str, Any], info: hub.ModelInfo) -> str:
    headline = _headline(info)
    negative, positive = read_extra(info.path, "model.json")["labels"]
    head = (
        f"| split | texts | {HEADLINES[headline]} (95 %) | F1 | accuracy | {negative} answered "
        f"{positive} | {positive} answered {negative} |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {split} | {figures['examples']} | {_interval(figures, headline)} | {figures['f1']:.4f} "
        f"| {figures['accuracy']:.4f} | {figures['false_positives']} of "
        f"{figures['examples'] - figures['positives']} | {figures['false_negatives']} of "
        f"{figures['positives']} |\n"
        for split, figures in facts["metrics"].items()
    )  # fmt: skip


def _translation(facts: Mapping[str, Any], _: hub.ModelInfo) -> str:
    names = {
        "bleu": "BLEU, cased (95 %)",
        "bleu_lower": "BLEU, lower-cased (95 %)",
        "chrf": "chrF (95 %)",
    }
    [signature] = {figures["signature"] for figures in facts["metrics"].values()}
    return (
        _splits(facts, "sentences", names)
        + f"\nsacreBLEU's signature: `{signature}`; lower-cased: `case:lc`.\n"
    )


def _conversation(facts: Mapping[str, Any], _: hub.ModelInfo) -> str:
    names = {
        "bleu_1": "BLEU-1 (95 %)",
        "bleu_2": "BLEU-2 (95 %)",
        "distinct_1": "distinct-1",
        "distinct_2": "distinct-2",
        "distinct_replies": "different replies",
        "most_frequent_reply": "the most frequent reply",
        "mean_length": "words",
        "word_perplexity": "perplexity per word",
        "sacrebleu": "sacreBLEU",
    }
    return _splits(facts, "replies", names)


def _captions(facts: Mapping[str, Any], _: hub.ModelInfo) -> str:
    names = {
        "bleu_4": "BLEU-4 (95 %)",
        "bleu_1": "BLEU-1 (95 %)",
        "cider_d": "CIDEr-D (95 %)",
        "rouge_l": "ROUGE-L (95 %)",
        "distinct": "different captions",
    }
    return _splits(facts, "photos", names)


_FIGURES: Mapping[str, Callable[[Mapping[str, Any], hub.ModelInfo], str]] = {
    "label": _classification,
    "translation": _translation,
    "reply": _conversation,
    "caption": _captions,
}
"""By what an answer is called."""


def _splits(facts: Mapping[str, Any], examples: str, names: Mapping[str, str]) -> str:
    """Figures of each split, with their intervals where they have one."""
    head = f"| split | {examples} | {' | '.join(names.values())} |\n|{'---|' * (len(names) + 2)}\n"
    return head + "".join(
        f"| {split} | {figures['examples']} | "
        + " | ".join(
            _interval(figures, name) if f"{name}_95" in figures else f"{figures[name]:.3g}"
            for name in names
        )
        + " |\n"
        for split, figures in facts["metrics"].items()
    )


def _shown(rows: Sequence[Mapping[str, str]]) -> str:
    names = list(rows[0])
    head = f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"
    cells = (
        [row[name].replace("|", "\\|").replace("\n", "<br>") for name in names] for row in rows
    )
    return head + "".join(f"| {' | '.join(row)} |\n" for row in cells)


def _speed(lines: list[dict[str, str]]) -> str:
    head = "| what | median | ratio to the shipped model |\n|---|---|---|\n"
    return head + "".join(
        f"| {line['what']} | {float(line['milliseconds']):.2f} ms | {line['ratio']} |\n"
        for line in lines
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
