"""What is too much, too late or malformed gets its 4xx, and the server answers on."""

import contextlib
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tensorflow_serving.apis import get_model_status_pb2

from benchmarks.malformed import attack_all
from zoo.serving.limits import Limits
from zoo.serving.servable import Servable

SPAM = "/v1/models/spam_detection:predict"


def test_limits_of_a_request(server, ask):
    def refused(value, path=SPAM, signature=""):
        body = {"signature_name": signature, "instances": value}
        status, document = ask("predict", body, path.removesuffix(":predict"))
        assert status == 400
        return document["error"]

    assert refused(["a"] * 65) == "The request has 65 rows, more than 64"
    status, document = ask("predict", {"inputs": ["a"] * 65}, SPAM.removesuffix(":predict"))
    assert (status, document["error"]) == (400, "The request has 65 rows, more than 64")
    assert refused(["a" * 5001]) == "Input text has a value of 5001 bytes, more than 5000"
    half = "/v1/models/half_plus_two"
    message = "Input str_tensor_bytes has a value of 6001 bytes, more than 6000"
    assert refused(["a" * 6001], half, "bytes") == message
    assert ask("predict", {"signature_name": "bytes", "instances": ["a" * 6000]}, half)[0] == 200


def test_a_context_is_not_repeated_without_bound(ask):
    context = {"t": "a" * 20_000}
    status, document = ask("classify", {"context": context, "examples": [{"x": 1.0}] * 64})
    assert status == 400
    assert "The examples with their context have 12" in document["error"]
    status, document = ask("classify", {"context": context, "examples": [{"x": 1.0}] * 65})
    assert (status, document["error"]) == (400, "The request has 65 rows, more than 64")


def test_a_large_request_is_read_and_its_answer_written(ask):
    rows = [[float(n)] * 300 for n in range(64)]
    status, document = ask("predict", {"signature_name": "doubles", "instances": rows})
    assert (status, document["predictions"]) == (200, rows)


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
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "spam_detection"
    assert server.models.GetModelStatus(request, timeout=10).model_version_status


@pytest.fixture(scope="module")
def hasty(serving, save, tmp_path_factory):
    """A server that waits a moment at most."""
    folder = tmp_path_factory.mktemp("hasty")
    save(folder / "half" / "1")
    with serving(folder, Limits(seconds=0.2)) as found:
        yield found


def answer_to(server, sent):
    """All that comes back for bytes, until the server closes the connection."""
    with socket.create_connection(
        (server.address.host, server.address.rest_port), 10
    ) as connection:
        connection.sendall(sent)
        answer = b""
        while part := connection.recv(4096):
            answer += part
    return answer


def test_a_body_that_does_not_come_is_not_waited_for(hasty):
    answer = answer_to(
        hasty, b"POST /v1/models/half:predict HTTP/1.1\r\nHost: zoo\r\nContent-Length: 20\r\n\r\n{"
    )
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.split(b"\r\n\r\n")[1]) == {
        "error": "The body did not come within 0.2 seconds"
    }


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET /v1/models/half HT",
        b"GET /v1/models/half HTTP/1.1\r\nHost: zoo\r\n",
        b"GET /v1/models/half HTTP/1.1\r\nHost: zoo\r\n\r\nGET /v1",
    ],
    ids=["nothing", "half a line", "half a head", "half of the second"],
)
def test_a_head_that_does_not_come_is_not_waited_for(hasty, begun):
    *_, answer = answer_to(hasty, begun).split(b"HTTP/1.1 ")
    assert answer.startswith(b"400 ")
    assert answer.endswith(b"\r\n\r\nThe head did not come within 0.2 seconds")


@pytest.mark.parametrize("begun", [b"GET /", b"GET / HTTP/1.1\r\nX: "], ids=["line", "header"])
def test_a_head_that_does_not_end_is_refused(server, begun):
    answer = answer_to(server, begun + b"a" * 65536)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b"The head has more than 65536 bytes")


def test_an_answer_that_takes_too_long_is_given_up(hasty, monkeypatch):
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


def test_who_waits_at_the_end_is_answered(serving, save, tmp_path, monkeypatch):
    save(tmp_path / "half" / "1")
    run, began, go = Servable.run, threading.Event(), threading.Event()

    def held(self, signature, inputs):
        began.set()
        assert go.wait(20)
        return run(self, signature, inputs)

    def release(address):
        """As soon as nobody else is let in."""
        with contextlib.suppress(ConnectionRefusedError):
            while True:
                socket.create_connection(address, 10).close()
                time.sleep(0.05)  # a storm of connections would keep the loop from ending
        go.set()

    with ThreadPoolExecutor() as pool:
        with serving(tmp_path) as found:
            monkeypatch.setattr(Servable, "run", held)
            url = f"{found.rest}/v1/models/half:predict"
            asked = pool.submit(httpx.post, url, json={"instances": [1.0]}, timeout=60)
            assert began.wait(20)
            pool.submit(release, (found.address.host, found.address.rest_port))
        assert asked.result().json() == {"predictions": [2.5]}
