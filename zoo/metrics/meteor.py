"""METEOR 1.5 (Denkowski & Lavie 2014), by its authors' Java program."""

import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import numpy as np

from zoo.errors import UserError

# Places in the program's statistics. Each of the pairs is of the answer and of the reference.
_WORDS, _CHUNKS, _MATCHED = [0, 1], 20, [21, 22]


def java_runs() -> bool:
    """Whether there is a Java that starts; where macOS has none, a `java` only says so."""
    try:
        return (
            subprocess.run(["java", "-version"], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


class Meteor:
    """The program, started by `with`, as COCO's evaluation starts it: English, normalised.

    A set's METEOR is a function of the sum of its captions' statistics.
    """

    def __init__(self, jar: Path) -> None:
        command = ["java", "-Dfile.encoding=UTF-8", "-Xmx2G", "-jar", str(jar)]
        self._program = subprocess.Popen(
            [*command, "-", "-", "-stdio", "-l", "en", "-norm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def __enter__(self) -> "Meteor":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._program.kill()
        self._program.communicate()

    def statistics(self, references: Sequence[Sequence[str]], answers: Sequence[str]) -> np.ndarray:
        """Counts of lengths, matches and chunks, `[answers, 23]`, against the nearest reference.

        Args:
            references: of each answer one or more, words with spaces between them.
            answers: likewise.
        """
        rows = []
        for captions, answer in zip(references, answers, strict=True):
            self._say("SCORE", [*captions, answer])
            rows.append([float(number) for number in self._line().split()])
        result = np.array(rows)
        # Of an answer that matches as one whole the program adds no chunk to a sum.
        whole = (result[:, _MATCHED] == result[:, _WORDS]).all(axis=1) & (result[:, _CHUNKS] == 1)
        result[whole, _CHUNKS] = 0
        return result

    def scores(self, sums: np.ndarray) -> np.ndarray:
        """METEOR in [0, 1], `[n]`, of sums of statistics `[n, 23]`."""
        self._say("EVAL", (" ".join(map(str, row.tolist())) for row in sums))
        scores = [float(self._line()) for _ in sums]
        self._line()  # that of all together
        return np.array(scores)

    def _say(self, what: str, parts: Iterable[str]) -> None:
        assert self._program.stdin
        with suppress(BrokenPipeError):  # of which the next line tells
            self._program.stdin.write(" ||| ".join([what, *parts]) + "\n")
            self._program.stdin.flush()

    def _line(self) -> str:
        assert self._program.stdout
        line = self._program.stdout.readline()
        if not line:
            raise UserError("METEOR's Java program has ended: it needs 2 GB of free memory")
        return line
