"""A library that dies or cannot be used."""

import pytest

from zoo.errors import UserError
from zoo.export.child import Runtime
from zoo.export.verify import verify


def failures(report):
    return {check.name: check.detail for check in report.checks if check.ok is False}


@pytest.fixture
def fake_runtime(tmp_path, monkeypatch):
    """Makes a script stand in for the child's interpreter."""

    def fake(command, library=tmp_path):
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\n{command}\n")
        python.chmod(0o755)
        monkeypatch.setattr(Runtime, "current", lambda: Runtime(python, library))

    return fake


def test_a_model_that_kills_the_library_does_not_load(artefact, fake_runtime):
    fake_runtime("kill -SEGV $$")
    report = verify(artefact)
    assert failures(report) == {"loads": "the process died (SIGSEGV)"}


def test_a_crash_that_does_not_come_back_is_not_forgotten(artefact, fake_runtime, tmp_path):
    real = Runtime.current()
    once = f"test -e {tmp_path}/died || {{ touch {tmp_path}/died; kill -ABRT $$; }}"
    fake_runtime(f'{once}\nexec {real.python} "$@"', library=real.library)
    report = verify(artefact)
    assert failures(report).keys() == {"loads"}
    assert "though not when asked in parts" in failures(report)["loads"]


def test_a_library_that_cannot_be_used_is_the_users_mistake(artefact, fake_runtime):
    fake_runtime("echo broken >&2; exit 2")
    with pytest.raises(UserError, match="broken; install tensorflow there"):
        verify(artefact)
