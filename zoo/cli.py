"""The `zoo` command. TensorFlow is imported by what needs it, so that `--help` answers at once."""

import dataclasses
import json
import logging
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from zoo.errors import UserError
from zoo.quiet import import_tensorflow

_BATCH = 256
_TOP_P = 0.9  # of what `zoo chat` draws
_MARKS = {True: "[green]ok     [/]", False: "[red]FAILED [/]", None: "[yellow]not run[/]"}


class _Zoo(click.Group):
    """Ends a user's mistake with one line on standard error and exit code 2."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            code = error.exit_code
        except (UserError, click.ClickException) as error:
            message = error.format_message() if isinstance(error, click.ClickException) else error
            line = " ".join(str(message).split())
            help_is_at = getattr(getattr(error, "ctx", None), "command_path", None)
            hint = f" (see {help_is_at} --help)" if help_is_at else ""
            click.echo(f"zoo: {line}{hint}", err=True)
            code = 2
        except (KeyboardInterrupt, click.Abort):
            click.echo("zoo: stopped", err=True)
            code = 130
        sys.exit(code if isinstance(code, int) else 0)


class _Train(click.Command):
    """`zoo train`, with an option for each field of the task's config."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        from zoo.recipes.task import find_task, task_names

        # The options depend on the task, which may stand anywhere among the arguments.
        task = next((name for name in task_names() if name in args), None)
        if task is not None:
            known = {parameter.name for parameter in self.params}
            fields = dataclasses.fields(find_task(task).config)
            self.params += [_option(field) for field in fields if field.name not in known]
        return super().parse_args(context, args)


def _option(field: dataclasses.Field[Any]) -> click.Option:
    name = field.name.replace("_", "-")
    return click.Option(
        [f"--{name}/--no-{name}" if field.type is bool else f"--{name}"],
        type=field.type,
        help=field.metadata["help"],
        default=None,
    )


def _json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def _mirror_option(command: Callable[..., Any]) -> Callable[..., Any]:
    def use(_: click.Context, __: click.Parameter, folder: str | None) -> None:
        if folder is not None:
            os.environ["ZOO_MIRROR"] = folder

    return click.option(
        "--mirror",
        metavar="DIR",
        expose_value=False,
        callback=use,
        help="Read data from this folder instead of the network (also: $ZOO_MIRROR).",
    )(command)


@click.group(cls=_Zoo, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rnn-zoo")
def zoo() -> None:
    """A zoo of recurrent networks: train them, load them, ask them.

    \b
    Try:
      zoo list
      zoo predict spam_detection "WINNER!! Claim your prize, call 09061701461"
      zoo train spam_detection --dataset sample
    """


@zoo.command("list")
@_json_option
def list_command(as_json: bool) -> None:
    """List the models that ship, with their figures and licences."""
    from zoo.hub import list_models

    models = list_models()
    if as_json:
        _print_json([{**dataclasses.asdict(info), "path": str(info.path)} for info in models])
        return
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(
        Column("model", no_wrap=True), "cell, size", "on its test split", "data, its licence"
    )
    for info in models:
        shown = {k: v for k, v in info.metrics.get("test", {}).items() if isinstance(v, float)}
        table.add_row(
            f"{info.task} {info.version}",
            f"{info.cell}\n{info.parameters:,} weights\n{info.megabytes:.1f} MB",
            "\n".join(f"{name} {value:.4f}" for name, value in shown.items()),
            f"{info.data}\n{info.licence}",
        )
    Console().print(table)


@zoo.command()
@click.argument("task")
@click.argument("inputs", nargs=-1)
@click.option("--model", metavar="PATH", help="A SavedModel of your own instead of the shipped.")
@click.option("--explain", is_flag=True, help="Classifiers: show which words carried the answer.")
@click.option(
    "--n-best", type=click.IntRange(1), metavar="N", help="Translations, captions: the N best."
)
@click.option(
    "--picture", metavar="FILE", type=Path, help="Translations, captions: draw where it looked."
)
@_json_option
def predict(
    task: str, inputs: tuple[str, ...], model: str | None, as_json: bool, **wishes: Any
) -> None:
    """Ask a model: INPUTS as arguments, or lines from standard input.

    \b
    Examples:
      zoo predict spam_detection "Are you free tonight?"
      zoo predict spam_detection --explain "FREE entry! Txt WIN to 80086"
      zoo predict spam_detection --json < messages.txt
      zoo predict translation "Where is the station?" --picture station.png
      zoo predict image_captioning dog.jpg beach.png
    """
    from zoo import hub
    from zoo.answers import Wish, ask, show

    path = hub.find(model or task)
    import_tensorflow()
    found = hub.load(path)
    answers: list[dict[str, Any]] = []
    refused = False
    for texts in _batches(inputs):
        for row in ask(found, texts, Wish(**wishes)):
            if "error" in row:
                refused = True
                click.echo(f"zoo: {row['error']}", err=True)
            if as_json:
                answers.append(row)
            elif "error" not in row:
                show(row)
    if as_json:
        _print_json(answers)
    if refused:
        click.get_current_context().exit(2)


def _batches(inputs: tuple[str, ...]) -> Iterator[list[bytes]]:
    """Arguments, or the lines of standard input as they are, some hundred at a time."""
    if inputs:
        yield [os.fsencode(text) for text in inputs]
        return
    lines: list[bytes] = []
    for line in sys.stdin.buffer:
        lines.append(line.rstrip(b"\r\n"))
        if len(lines) == _BATCH or sys.stdin.isatty():
            yield lines
            lines = []
    if lines:
        yield lines


@zoo.command(cls=_Train)
@click.argument("task")
@click.option("--dataset", metavar="NAME", help="One of the task's data sets.")
@click.option("--data", metavar="FILE", help="Your own data: .csv, .tsv or .jsonl.")
@click.option("--from", "start", metavar="MODEL", help="Start from a shipped model, or a path.")
@click.option("--run", metavar="DIR", help="The run's folder; by default under runs/.")
@click.option(
    "--prepare",
    is_flag=True,
    help="Write all that training reads, and stop: to train on another machine.",
)
@_mirror_option
def train(
    task: str,
    dataset: str | None,
    data: str | None,
    start: str | None,
    run: str | None,
    prepare: bool,
    **fields: Any,
) -> None:
    """Train a TASK's model, from data to a SavedModel.

    Killed at any moment, the same command goes on from the last checkpoint, to the same weights.

    \b
    Examples:
      zoo train spam_detection --dataset sample
      zoo train spam_detection --data messages.csv --units 64
      zoo train spam_detection --data messages.csv --from spam_detection
    """
    from zoo import hub
    from zoo.export.extra import read_extra
    from zoo.recipes.config import check_decided
    from zoo.recipes.task import find_task

    found = find_task(task)
    chosen = _chosen(found, dataset, data)
    given = {name: value for name, value in fields.items() if value is not None}
    config = dataclasses.replace(found.config, **{**chosen.settings, **given})
    beginning = hub.find(start) if start else None
    if beginning:
        check_decided(read_extra(beginning, "model.json"), given)
    import_tensorflow()
    if prepare:
        folder = Path(run) if run else None
        paths = shlex.join(map(str, found.prepare(config, chosen, folder, beginning)))
        click.echo(
            f"Prepared. Carry the folders to the other machine, and there:\n"
            f"  KERAS_BACKEND=torch python -m zoo.recipes.elsewhere {paths}\n"
            "Then carry them back, and give this command again without --prepare."
        )
        return
    path = found.train(
        config,
        chosen,
        run=Path(run) if run else None,
        start=beginning,
        command=shlex.join(["zoo", *_without_folders(sys.argv[1:])]),
    )
    model = path / task / "1"
    click.echo(
        f"\nThe run is in {path}, the model in {model}. Try:\n"
        f'  zoo predict {task} --model {model} "..."\n'
        f"  zoo evaluate {task} --model {model} --split validation\n"
        f"  tensorboard --logdir {path / 'tensorboard'}"
    )


def _without_folders(words: Sequence[str]) -> list[str]:
    """A command line but for where files lay on this machine, which says nothing of the model."""
    rest = iter(words)
    kept = []
    for word in rest:
        if word == "--mirror":
            next(rest)
        elif not word.startswith("--mirror="):
            kept.append(re.sub(r"(^|=)/.*/", r"\1", word))
    return kept


def _chosen(task: Any, name: str | None, file: str | None) -> Any:
    if name and file:
        raise UserError("give --dataset or --data, not both")
    if file:
        return task.user_data(Path(file))
    if name is None:
        return next(iter(task.datasets.values()))
    if name not in task.datasets:
        raise UserError(f"unknown data set {name!r}: choose one of {', '.join(task.datasets)}")
    return task.datasets[name]


@zoo.command()
@click.argument("task")
@click.option(
    "--split", default="validation", show_default=True, help="train, validation, test or all."
)
@click.option("--dataset", metavar="NAME", help="One of the task's data sets.")
@click.option("--data", metavar="FILE", help="Your own data, all splits of it made anew.")
@click.option("--model", metavar="PATH", help="A SavedModel of your own instead of the shipped.")
@_mirror_option
@_json_option
def evaluate(
    task: str,
    split: str,
    dataset: str | None,
    data: str | None,
    model: str | None,
    as_json: bool,
) -> None:
    """Measure a model on a split of a data set."""
    from zoo import hub
    from zoo.recipes.task import find_task

    found = find_task(task)
    chosen = _chosen(found, dataset, data)
    path = hub.find(model or task)
    import_tensorflow()
    result = found.evaluate(path, chosen, split)
    document = {"model": str(path), "dataset": chosen.name, "split": split, "metrics": result}
    if as_json:
        _print_json(document)
        return
    click.echo(f"{path} on the {split} split of {chosen.name}")
    worst, baselines = result.pop("worst", []), result.pop("baselines", {})
    for title, figures in {"": result, **baselines}.items():
        click.echo(f"\n{title}" if title else "", nl=bool(title))
        for name, value in figures.items():
            click.echo(f"  {name:<20} {_figure(value)}")
    for row in worst:
        click.echo("\n" + "\n".join(f"  {name:<12} {text}" for name, text in row.items()))


def _figure(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list | tuple):
        return " to ".join(map(_figure, value))
    return str(value)


@zoo.command()
@click.argument("run")
@click.argument("folder")
@_mirror_option
def export(run: str, folder: str) -> None:
    """Export a finished RUN as a version to ship, e.g. saved_models/spam_detection/2.

    This reads the test split, once for each version, for the model's card.
    """
    from zoo.recipes.task import find_task
    from zoo.training.run import RunFolder, read_json

    task = read_json(RunFolder.finished(Path(run)).config_file)["task"]
    import_tensorflow()
    find_task(task).export(Path(run), Path(folder))
    click.echo(f"exported to {folder}; check it with: zoo verify {folder}")


@zoo.command()
@click.argument("path")
@_json_option
def verify(path: str, as_json: bool) -> None:
    """Check a SavedModel against the serving contract, through TensorFlow's C library.

    Exits with 1 if a check fails.
    """
    from zoo.export.verify import verify as run_checks

    import_tensorflow()
    report = run_checks(Path(path))
    if as_json:
        _print_json(report.to_json())
    else:
        from rich.console import Console

        console = Console(soft_wrap=True, highlight=False)
        for check in report.checks:
            mark = _MARKS[check.ok]
            console.print(f"{mark} {check.name}", end="  ")
            console.print(check.detail, style="dim", markup=False)
    if not report.ok:
        raise SystemExit(1)


@zoo.command()
@click.argument("task")
@click.option("--rows", metavar="NAMES", help="Only these rows, separated by semicolons.")
@click.option("--trials", type=int, help="Only so many trials, for a quick look.")
@_mirror_option
def compare(task: str, rows: str | None, trials: int | None) -> None:
    """Train a TASK's variants side by side: a table and a picture.

    Killed at any moment, the same command goes on with the next trial.
    """
    from zoo.recipes.task import find_task

    names = [name.strip() for name in rows.split(";")] if rows else []
    found = find_task(task)
    import_tensorflow()
    folder = found.compare(names, trials)
    click.echo((folder / "comparison.md").read_text(encoding="utf-8"))
    click.echo(f"written to {folder}")


@zoo.command()
@click.option("--model", metavar="PATH", help="A SavedModel of your own instead of the shipped.")
@click.option(
    "--temperature",
    metavar="NUMBER",
    default="off",
    help="Draw replies as they come, 0 to 10; without it, the best of several.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Of the first draw.",
)
def chat(model: str | None, temperature: str, seed: int) -> None:
    """Talk with the chatbot.

    It is a small model of everyday talk: it knows no facts and gives no advice.
    """
    from zoo import hub
    from zoo.chat import converse, temperature_of
    from zoo.data.dialogues import written

    first = temperature_of(temperature)
    path = hub.find(model or "chatbot")
    import_tensorflow()
    partner = hub.load(path)

    def reply(history: Sequence[str], temperature: float | None, seed: int) -> str:
        if temperature is None:
            [answer] = partner([written(history)])
        else:
            [answer] = partner.sample([written(history)], [seed], temperature, _TOP_P)
        return answer.text

    converse(reply, first, seed)


@zoo.command()
@click.option(
    "--models", metavar="DIR", type=Path, help="Holds <model>/<version>/; by default what ships."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--rest-port", type=click.IntRange(0, 65535), default=8501, show_default=True)
@click.option("--grpc-port", type=click.IntRange(0, 65535), default=8500, show_default=True)
@click.option(
    "--batching/--no-batching",
    default=True,
    help="Answer requests that arrive together together; the default.",
)
def serve(models: Path | None, host: str, rest_port: int, grpc_port: int, batching: bool) -> None:
    """Serve models by TensorFlow Serving's API, REST and gRPC, for development.

    In production use TensorFlow Serving itself: docs/serving.md says how.

    \b
    Example:
      zoo serve &
      curl -d '{"instances": ["Txt WIN to 80086"]}' \\
        localhost:8501/v1/models/spam_detection:predict
    """
    from zoo.hub import models_folder

    import_tensorflow()
    try:
        from zoo.serving import server
    except ImportError as error:
        raise UserError(f"{error.name} is missing: run `pip install 'rnn-zoo[serve]'`") from error
    from zoo.serving.limits import Limits

    def ready(running: server.Running) -> None:
        what = ", ".join(f"{name} {' '.join(map(str, n))}" for name, n in running.versions.items())
        at = running.address
        click.echo(
            f"serving {what}\n"
            f"REST http://{at.shown}:{at.rest_port}  gRPC {at.shown}:{at.grpc_port}\n"
            "This server is for development: in production use TensorFlow Serving "
            "(docs/serving.md)."
        )

    logging.basicConfig(format="%(message)s")  # to standard error
    logging.getLogger("zoo").setLevel(logging.INFO)
    limits = Limits() if batching else Limits(batch_rows=1)
    address = server.Address(host, rest_port, grpc_port)
    server.serve(models or models_folder(), address, limits, ready)


@zoo.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=7860, show_default=True)
@click.option("--server", metavar="URL", help="Ask the models of a running server instead.")
def ui(host: str, port: int, server: str | None) -> None:
    """Open a page to try the models on, a tab for each task.

    \b
    Examples:
      zoo ui
      zoo ui --server http://127.0.0.1:8501
    """
    try:
        from zoo.ui.server import serve as serve_page
    except ImportError as error:
        raise UserError(f"{error.name} is missing: run `pip install 'rnn-zoo[ui]'`") from error

    serve_page(host, port, server, lambda url: click.echo(f"open {url} in a browser"))


@zoo.command()
@click.argument("task")
@click.option("--dataset", metavar="NAME", help="One of the task's data sets.")
@click.option("--data", metavar="FILE", help="Your own data, as for `zoo train`.")
@click.option(
    "--run", "runs", metavar="DIR", multiple=True, help="A run to measure; may be given again."
)
@_mirror_option
def gradients(task: str, dataset: str | None, data: str | None, runs: tuple[str, ...]) -> None:
    """Measure how gradients vanish and explode on the texts of a many-to-one TASK.

    Without --run, on a small SimpleRNN and a small LSTM, trained on the spot.

    \b
    Examples:
      zoo gradients sentiment
      zoo gradients spam_detection --run runs/spam_detection/sms_spam-0123abcd
    """
    from zoo.analysis.gradient_pictures import summaries
    from zoo.recipes.task import find_task

    found = find_task(task)
    chosen = _chosen(found, dataset, data)
    import_tensorflow()
    written = found.gradients(chosen, [Path(run) for run in runs])
    click.echo("\n".join(summaries(written).values()))
    click.echo(f"written to {written}")


@zoo.command()
def demo() -> None:
    """Train on the sample data for a moment, export, and ask the shipped model."""
    from zoo.demo import run_demo

    import_tensorflow()
    run_demo()


def _print_json(document: Any) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def run_training_script(task: str) -> None:
    """`python -m tasks.<task>.train`: the same as `zoo train <task>`."""
    sys.argv[1:1] = ["train", task]
    zoo(prog_name="zoo")


def main() -> None:
    """The entry point of the `zoo` script."""
    zoo()
