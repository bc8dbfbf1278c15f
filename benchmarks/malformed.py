"""Malformed requests, each of which must get a 4xx or a closed connection.

    zoo serve &
    python -m benchmarks.malformed --requests 10000

sends them over real sockets to both ports, and then asks a proper question by REST and gRPC.
"""

import argparse
import json
import random
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

_TIMEOUT = 20.0


class Attack(NamedTuple):
    """Bytes for one connection.

    Attributes:
        kind: of mistake.
        sent: all that the client sends before it closes its side.
        grpc: whether it goes to the gRPC port.
    """

    kind: str
    sent: bytes
    grpc: bool = False


def attacks(seed: int, model: str) -> Iterator[Attack]:
    """Attacks without end, the same for the same seed."""
    rng = random.Random(seed)
    kinds = list(_KINDS.items())
    while True:
        kind, make = rng.choice(kinds)
        if kind.startswith("grpc"):
            yield Attack(kind, make(rng), grpc=True)
        elif kind in _WHOLE:
            yield Attack(kind, make(rng))
        else:
            yield Attack(kind, _post(f"/v1/models/{model}:predict", make(rng)))


def _post(path: str, body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    head = (
        f"POST {path} HTTP/1.1\r\nHost: zoo\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n"
    )
    return head.encode("latin-1") + body


def _text(rng: random.Random) -> str:
    return "".join(rng.choice('ab {}[]",:0\\u\ud7ff\u20ac\0') for _ in range(rng.randrange(40)))


def _value(rng: random.Random) -> object:
    """Anything but a string or a list of strings."""
    wrong: list[object] = [
        None,
        True,
        3,
        -2.5,
        float("nan"),
        float("inf"),
        {},
        {"b64": 1},
        {"b64": "%"},
        [[]],
    ]
    return rng.choice([*wrong, {_text(rng): _text(rng)}, [3], [None, "a"], [["a"], "b"], ["a", 1]])


def _wrong_types(rng: random.Random) -> bytes:
    key = rng.choice(["instances", "inputs"])
    wrong = _value(rng)
    if key == "instances" and isinstance(wrong, list) and rng.random() < 0.5:
        wrong = [wrong]
    return json.dumps({key: wrong}).encode()


def _deep(rng: random.Random) -> bytes:
    depth = rng.choice([100, 255, 1000, 100_000])
    opened, closed = rng.choice([("[", "]"), ('{"a":', "}")])
    inner = rng.choice(["", "1"])
    return f'{{"inputs": {opened * depth}{inner}{closed * rng.choice([0, depth])}}}'.encode()


def _huge(rng: random.Random) -> bytes:
    digits = rng.choice([20, 400, 5000, 100_000])
    number = rng.choice(["9" * digits, f"1e{'9' * min(digits, 400)}", f"-0.{'9' * digits}"])
    return f'{{"instances": [{number}]}}'.encode()


def _broken_json(rng: random.Random) -> bytes:
    whole = json.dumps({"instances": ["a text", {"text": "another"}], "signature_name": ""})
    cut = whole[: rng.randrange(len(whole))]
    return cut.encode() + rng.choice([b"", b"}", b"]", b"\xff\xfe", b"\0", b"nul", b"'"])


def _random_bytes(rng: random.Random) -> bytes:
    # A document is an object: what does not begin with a brace is none.
    return bytes([rng.choice(b'\0\1[]x\xff"9-')]) + rng.randbytes(rng.randrange(300))


def _truncated(rng: random.Random) -> bytes:
    body = json.dumps({"instances": ["a text"] * rng.randrange(1, 50)}).encode()
    return _post("/v1/models/any:predict", body, len(body) + rng.choice([1, 100, 10**9]))


def _bad_path(rng: random.Random) -> bytes:
    path = rng.choice(["/v1/models/", "/v1/models//:predict", "/v2/models/a:predict", "/v1/%ff"])
    junk = "".join(rng.choice("abc/:%.") for _ in range(rng.randrange(30)))
    return _post(path + "/" + junk, b'{"instances": ["a"]}')


def _bad_http(rng: random.Random) -> bytes:
    start = rng.choice(
        [b"GET\r\n", b"\0\0\0", b"POST /v1/a:predict HTTP/9.9\r\n", b"PRI * HTTP/2.0\r\n\r\n",
         b"POST / HTTP/1.1\r\nContent-Length: x\r\n", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n",
         b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"\x16\x03\x01\x02"]
    )  # fmt: skip
    return start + rng.randbytes(rng.randrange(200)) + rng.choice([b"", b"\r\n\r\n"])


def _no_model(rng: random.Random) -> bytes:
    name = "".join(rng.choice("abcdefgh") for _ in range(rng.choice([8, 2000])))
    version = rng.choice(["", "/versions/1", f"/versions/{'9' * 30}", "/labels/x", "/labels/%00"])
    return _post(f"/v1/models/{name}{version}:predict", b'{"instances": ["a"]}')


def _grpc_bytes(rng: random.Random) -> bytes:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    settings = b"\0\0\0\4\0\0\0\0\0"
    start = rng.choice([b"", preface[: rng.randrange(24)], preface, preface + settings])
    return start + rng.randbytes(rng.randrange(300))


_KINDS: dict[str, Callable[[random.Random], bytes]] = {
    "wrong types": _wrong_types,
    "deep nesting": _deep,
    "huge numbers": _huge,
    "broken JSON": _broken_json,
    "random body": _random_bytes,
    "truncated body": _truncated,
    "bad path": _bad_path,
    "bad HTTP": _bad_http,
    "no such model": _no_model,
    "grpc: random bytes": _grpc_bytes,
}
_WHOLE = {"truncated body", "bad path", "bad HTTP", "no such model"}


def outcome(host: str, port: int, attack: Attack) -> str:
    """What became of an attack: `closed`, or the status of the answer.

    Raises:
        TimeoutError: the server neither answered nor closed the connection.
    """
    with socket.create_connection((host, port), timeout=_TIMEOUT) as connection:
        try:
            connection.sendall(attack.sent)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part[: 100 - len(answer)]
        except (ConnectionResetError, BrokenPipeError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            return "closed"
    if attack.grpc or not answer.startswith(b"HTTP/1.1 "):
        return "closed"
    return answer.split()[1].decode()


def attack_all(
    host: str, rest_port: int, grpc_port: int, model: str, requests: int, seed: int = 0
) -> Counter[tuple[str, str]]:
    """How often each kind of attack had each outcome.

    Raises:
        AssertionError: one was neither refused nor its connection closed.
    """
    counted: Counter[tuple[str, str]] = Counter()
    for _, attack in zip(range(requests), attacks(seed, model), strict=False):
        found = outcome(host, grpc_port if attack.grpc else rest_port, attack)
        if found != "closed" and not found.startswith("4"):
            raise AssertionError(f"{found} for {attack.kind}: {attack.sent[:300]!r}")
        counted[attack.kind, found] += 1
    return counted


def main() -> None:
    """Attack a server that is up, and see that it still answers."""
    import zoo

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--rest-port", type=int, default=8501)
    parser.add_argument("--grpc-port", type=int, default=8500)
    parser.add_argument("--model", default="spam_detection")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    counted = attack_all(
        given.host, given.rest_port, given.grpc_port, given.model, given.requests, given.seed
    )
    for (kind, found), count in sorted(counted.items()):
        print(f"{kind:<20} {found:>7} {count:>7}")
    for url in (f"http://{given.host}:{given.rest_port}", f"grpc://{given.host}:{given.grpc_port}"):
        with zoo.client(url) as client:
            print(url, client.load(given.model)(["Are you free tonight?"]))


if __name__ == "__main__":
    main()
