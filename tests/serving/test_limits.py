"""What is too much, too late or malformed gets its 4xx, and the server answers on."""

import contextlib
import json
import socket
import time

import httpx
import pytest

from benchmarks.malformed import attack_all
from zoo.serving.limits import Limits

SPAM = "/v1/models/spam_detection:predict"


def test_limits_of_a_request(server, ask):
    def refused(value, path=SPAM, signature=""):
        body = {"signature_name": signature, "instances": value}
        status, document = ask("predict", body, path.removesuffix(":predict"))
        assert status == 400
        return document["error"]

    assert refused(["a"] * 65) == "Input text has 65 rows, more than 64"
    assert refused(["a" * 5001]) == "Input text has a value of 5001 bytes, more than 5000"
    half = "/v1/models/half_plus_two"
    message = "Input str_tensor_bytes has a value of 6001 bytes, more than 6000"
    assert refused(["a" * 6001], half, "bytes") == message
    assert ask("predict", {"signature_name": "bytes", "instances": ["a" * 6000]}, half)[0] == 200


def test_a_body_that_is_too_large_is_refused(server):
    response = server.http.post(SPAM, content=b" " * (1 << 20) + b"{}")
    assert response.status_code == 413
    assert response.json()["error"] == "The body has more than 1048576 bytes"
    assert response.headers["connection"] == "close"
    chunks = (b" " * 65536 for _ in range(20))
    with contextlib.suppress(httpx.WriteError):  # closed while the rest was still being sent
        assert server.http.post(SPAM, content=chunks).status_code == 413


def test_malformed_requests(server):
    at = server.address
    counted = attack_all(at.host, at.rest_port, at.grpc_port, "spam_detection", requests=400)
    assert len({kind for kind, _ in counted}) == 10
    assert sum(n for (_, found), n in counted.items() if found.startswith("4")) > 250
    assert server.http.post(SPAM, json={"instances": ["ok"]}).status_code == 200
    assert server.models.GetModelStatus is not None


@pytest.fixture(scope="module")
def hasty(serving, save, tmp_path_factory):
    """A server that waits a moment at most."""
    folder = tmp_path_factory.mktemp("hasty")
    save(folder / "half" / "1")
    with serving(folder, Limits(seconds=0.2)) as found:
        yield found


def test_a_body_that_does_not_come_is_not_waited_for(hasty):
    head = b"POST /v1/models/half:predict HTTP/1.1\r\nHost: zoo\r\nContent-Length: 20\r\n\r\n{"
    with socket.create_connection((hasty.address.host, hasty.address.rest_port), 10) as connection:
        connection.sendall(head)
        answer = b""
        while part := connection.recv(4096):
            answer += part
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.split(b"\r\n\r\n")[1]) == {
        "error": "The body did not come within 0.2 seconds"
    }


def test_an_answer_that_takes_too_long_is_given_up(hasty, monkeypatch):
    from zoo.serving.servable import Servable

    run = Servable.run

    def slow(self, signature, inputs):
        time.sleep(0.5)
        return run(self, signature, inputs)

    monkeypatch.setattr(Servable, "run", slow)
    response = hasty.http.post("/v1/models/half:predict", json={"instances": [1.0]})
    assert response.status_code == 504
    assert response.json() == {"error": "No answer within 0.2 seconds"}
    monkeypatch.undo()
    response = hasty.http.post("/v1/models/half:predict", json={"instances": [1.0]})
    assert response.json() == {"predictions": [2.5]}
