"""The local server as a whole: models that change under it, and what ends it at once."""

import json
import re
import shutil
import socket
import time
from pathlib import Path

import httpx
import pytest

import zoo
from benchmarks.local_server import local_server
from zoo.errors import UserError
from zoo.export.signatures import ArtefactError
from zoo.serving.limits import Limits
from zoo.serving.listening import listen
from zoo.serving.servable import Servable
from zoo.serving.server import Address, serve

ROOT = Path(zoo.__file__).parents[1]


def refused(path) -> str:
    with pytest.raises(ArtefactError) as error:
        Servable("copied", 1, path)
    message = str(error.value)
    assert "\n" not in message
    return message


def test_a_model_that_answers_otherwise_is_refused(spam_copy):
    file = spam_copy / "assets.extra" / "golden.json"
    document = json.loads(file.read_text())
    [request, *_] = [r for r in document["requests"] if r["signature"] == "serving_default"]
    request["outputs"]["spam_probability"][0] += 0.01
    file.write_text(json.dumps(document))
    assert "the golden answers differ: request" in refused(spam_copy)
    file.write_text("{")
    assert "golden.json cannot be read" in refused(spam_copy)


def test_a_warm_up_that_fails_is_refused(spam_copy):
    (spam_copy / "assets.extra" / "tf_serving_warmup_requests").write_bytes(b"nonsense" * 9)
    assert "no intact TFRecord file" in refused(spam_copy)


@pytest.mark.parametrize("name", ["saved_model.pb", "variables/variables.data-00000-of-00001"])
def test_a_half_copied_model_is_refused(spam_copy, name):
    content = (spam_copy / name).read_bytes()
    (spam_copy / name).write_bytes(content[: len(content) // 2])
    refused(spam_copy)
    (spam_copy / name).unlink()
    refused(spam_copy)


def test_a_port_in_use_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} .*: choose another with --rest-port"):
            serve(tmp_path, Address(rest_port=port, grpc_port=0), Limits(), print)
        with pytest.raises(UserError, match=f"port {port} .*: choose another with --grpc-port"):
            serve(tmp_path, Address(rest_port=0, grpc_port=port), Limits(), print)


@pytest.mark.parametrize(
    ("models", "message"),
    [("nowhere", "is no folder: give one that holds"), (".", "holds no model: give a folder that")],
)
def test_nothing_to_serve_is_told(cli, tmp_path, models, message):
    done = cli("serve", "--models", tmp_path / models, "--rest-port", 0, "--grpc-port", 0)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert re.fullmatch(f"zoo: .*{message}.*\n", done.stderr)


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_a_new_version_is_picked_up_and_a_killed_server_starts_again(save, tmp_path):
    half, pb = tmp_path / "models" / "half", "saved_model.pb"
    save(half / "1", 2)
    ready = save(tmp_path / "ready", 3)

    def answers(url, expected):
        """Until it does: a new version is picked up within a second or two."""
        for _ in range(300):
            response = httpx.post(f"{url}/v1/models/half:predict", json={"instances": [1.0]})
            assert response.status_code == 200
            if response.json() == {"predictions": [expected]}:
                return True
            time.sleep(0.1)
        return False

    with local_server(tmp_path / "models") as server:
        assert server.serving == "serving half 1"
        url = server.rest
        shutil.copytree(ready, half / "2", ignore=shutil.ignore_patterns(pb))
        (half / "2" / pb).write_bytes((ready / pb).read_bytes()[:1000])
        while "END" not in httpx.get(f"{url}/v1/models/half").text:
            time.sleep(0.1)
        assert answers(url, 2.5)
        server.process.kill()
    with local_server(tmp_path / "models") as server:
        assert server.serving == "serving half 1"
        shutil.copy(ready / pb, half / "2" / pb)
        assert answers(server.rest, 3.5)
        server.process.terminate()
        server.process.wait(30)


def test_small_packets_are_sent_at_once():
    """Asyncio does so for sockets that name their protocol; else each answer takes 40 ms."""
    with (
        listen("127.0.0.1", 0, "--rest-port") as listening,
        socket.create_connection(listening.getsockname()),
    ):
        accepted, _ = listening.accept()
        assert accepted.proto == socket.IPPROTO_TCP
        accepted.close()
