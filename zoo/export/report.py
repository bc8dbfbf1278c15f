"""The outcome of verifying an artefact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_SHOWN = 3


@dataclass(frozen=True)
class Check:
    """One check of the serving contract.

    Attributes:
        name: what is checked.
        ok: whether it holds; None if it could not be checked because of another failure.
        detail: what was found, in one line.
    """

    name: str
    ok: bool | None
    detail: str


@dataclass(frozen=True)
class Report:
    """All checks of one artefact.

    Attributes:
        saved_model: the folder that was verified.
        checks: the checks, in the order in which they were made.
    """

    saved_model: Path
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check was made and holds."""
        return all(check.ok for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """The report as a JSON document; a check that could not be made has `ok: null`."""
        return {
            "saved_model": str(self.saved_model),
            "ok": self.ok,
            "checks": [asdict(check) for check in self.checks],
        }


def judged(name: str, problems: Sequence[str], found: str) -> Check:
    """A check that fails if there are problems, and else tells what was found."""
    if not problems:
        return Check(name, True, found)
    more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return Check(name, False, "; ".join(problems[:_SHOWN]) + more)
