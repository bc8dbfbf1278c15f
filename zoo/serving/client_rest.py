"""The REST transport of a client."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np

from zoo.errors import UserError
from zoo.serving.client import Shown, Signatures, Target


class Rest:
    """Asks a server by HTTP and JSON, over connections that are kept.

    Args:
        url: such as `http://127.0.0.1:8501`.
        timeout: of a request, in seconds.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url.rstrip("/")
        self._http = httpx.Client(timeout=timeout)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def signatures(self, target: Target) -> Signatures:
        """What the server says of a model.

        Raises:
            UserError: the server does not answer, or has no such model.
        """
        document = self._json("GET", f"{_path(target)}/metadata", None)
        known = document["metadata"]["signature_def"]["signature_def"]
        return Signatures(
            *(
                {
                    name: {key: info["dtype"] for key, info in signature[side].items()}
                    for name, signature in known.items()
                }
                for side in ("inputs", "outputs")
            )
        )

    def predict(
        self,
        target: Target,
        signature: str,
        inputs: Mapping[str, Sequence[Any]],
        types: tuple[Shown, Shown],
    ) -> dict[str, np.ndarray]:
        """The outputs of a signature.

        Raises:
            UserError: the server does not answer, or refuses the inputs.
        """
        body = {
            "signature_name": signature,
            "inputs": {name: [_to_json(value) for value in x] for name, x in inputs.items()},
        }
        answer = self._json("POST", f"{_path(target)}:predict", body)["outputs"]
        _, outputs = types
        if len(outputs) == 1:
            answer = dict.fromkeys(outputs, answer)
        return {name: _to_array(answer[name], kind, name) for name, kind in outputs.items()}

    def _json(self, method: str, path: str, body: Any) -> Any:
        try:
            response = self._http.request(method, self._url + path, json=body)
        except httpx.HTTPError as error:
            raise UserError(f"{self._url} does not answer: {error}: is the server up?") from error
        try:
            document = response.json()
        except ValueError as error:
            raise UserError(f"{self._url} is no TensorFlow Serving: it answers no JSON") from error
        if response.status_code != 200:
            reason = document.get("error") if isinstance(document, dict) else None
            raise UserError(f"{self._url} refuses: {reason or response.status_code}")
        return document


def _path(target: Target) -> str:
    path = f"/v1/models/{quote(target.name, safe='')}"
    if target.version is not None:
        return f"{path}/versions/{target.version}"
    return path if target.label is None else f"{path}/labels/{quote(target.label, safe='')}"


def _to_json(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(value).decode()}


def _to_array(value: Any, kind: str, name: str) -> np.ndarray:
    if kind != "DT_STRING":
        return np.array(value, {"DT_FLOAT": np.float32, "DT_INT64": np.int64}.get(kind))
    strings = np.array(value, object)
    decode = (lambda x: base64.b64decode(x["b64"])) if name.endswith("_bytes") else str.encode
    strings.reshape(-1)[:] = [decode(x) for x in strings.flat]
    return strings
