"""The measured tables of docs/serving.md, from what `python -m benchmarks.serving` wrote."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from zoo.analysis.compare import read_table

_CLIENTS = ("1", "16")
_NOT_YET = "Not measured yet.\n"


def parts(root: Path) -> dict[str, str]:
    """What stands at the marked places of docs/serving.md in a checkout."""
    made = {"load": throughput, "overhead": overhead}
    files = {name: root / "benchmarks" / f"serving_{name}.csv" for name in made}
    return {
        name: make(read_table(files[name])) if files[name].exists() else _NOT_YET
        for name, make in made.items()
    }


def throughput(lines: Sequence[Mapping[str, str]]) -> str:
    """Requests a second with and without batching; a row for each model, API and some clients."""
    head = (
        "| model | API | clients | requests/s | p50 | p99 | requests/s without batching | ratio |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    found = {
        (line["model"], line["api"], line["concurrency"], line["batching"]): line for line in lines
    }
    text = head
    for (model, api, clients, batching), line in found.items():
        if clients not in _CLIENTS or batching == "no":
            continue
        rate = float(line["per_second"])
        alone = float(found[model, api, clients, "no"]["per_second"])
        text += (
            f"| {model} | {api} | {clients} | {rate:.0f} | {float(line['p50']):.0f} ms "
            f"| {float(line['p99']):.0f} ms | {alone:.0f} | {rate / alone:.2f} |\n"
        )
    return text


def overhead(lines: Sequence[Mapping[str, str]]) -> str:
    """What the server adds to one request of one client."""
    head = "| model | a call in Python | over REST | the server adds |\n|---|---|---|---|\n"
    return head + "".join(
        f"| {line['model']} | {float(line['direct']):.2f} ms | {float(line['rest']):.2f} ms "
        f"| {float(line['rest']) - float(line['direct']):.2f} ms |\n"
        for line in lines
    )
