"""Clients of a server that has TensorFlow Serving's API: the same typed answers as `zoo.load`.

They speak to TensorFlow Serving itself as to `zoo serve`, and ask the server alone what a model is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import numpy as np

from zoo import forms
from zoo.errors import UserError

DEFAULT_TIMEOUT = 60.0

Shown = Mapping[str, str]
"""The types of inputs or outputs by their names, such as `DT_STRING`."""


class Signatures(NamedTuple):
    """What a server says of a model's signatures, by their names."""

    inputs: Mapping[str, Shown]
    outputs: Mapping[str, Shown]


class Target(NamedTuple):
    """Which version of a model is asked: by number, by label, or the greatest."""

    name: str
    version: int | None
    label: str | None


class Transport(Protocol):
    """A way to ask a server."""

    def signatures(self, target: Target) -> Signatures:
        """What the server says of a model."""

    def predict(
        self,
        target: Target,
        signature: str,
        inputs: Mapping[str, Sequence[Any]],
        types: tuple[Shown, Shown],
    ) -> dict[str, np.ndarray]:
        """The outputs of a signature, whose types of inputs and outputs are given."""

    def close(self) -> None:
        """End the connection."""


class Client:
    """A server's models, by name.

    Args:
        transport: to the server.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def load(self, model: str, version: int | None = None, label: str | None = None) -> Any:
        """A model of the server, which answers as one that `zoo.load` gives.

        Args:
            model: its name.
            version: the greatest where neither this nor a label is given.
            label: of a version.

        Returns:
            A `TextClassifier`, a `TextGenerator` or a `PhotoCaptioner` of `zoo.forms`.

        Raises:
            UserError: the server does not answer, has no such model, or it is none of this zoo.
        """
        target = Target(model, version, label)
        known = self._transport.signatures(target)

        def ask(signature: str, inputs: Mapping[str, Sequence[Any]]) -> dict[str, np.ndarray]:
            if signature not in known.inputs:
                raise UserError(f"{model} has no signature {signature!r} on this server")
            types = known.inputs[signature], known.outputs[signature]
            return self._transport.predict(target, signature, inputs, types)

        inputs = known.inputs.get("serving_default", {})
        outputs = known.outputs.get("serving_default", {})
        if "label" in outputs:
            return forms.TextClassifier(_classifier(outputs, ask), ask)
        writers = {"text": forms.TextGenerator, "image_bytes": forms.PhotoCaptioner}
        for name, form in writers.items():
            if name in inputs and "score" in outputs:
                [answer] = outputs.keys() - {"score"}
                return form({"answer": answer}, ask)
        raise UserError(f"{model} answers {', '.join(outputs) or 'nothing'}: no model of this zoo")

    def close(self) -> None:
        """End the connection."""
        self._transport.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def client(url: str, timeout: float = DEFAULT_TIMEOUT) -> Client:
    """A client of a server.

    Args:
        url: `http://HOST:8501`, or `grpc://HOST:8500`.
        timeout: of a request, in seconds.

    Raises:
        UserError: the URL is none of these, or a package is not installed.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme in ("http", "https") and parts.netloc:
            from zoo.serving.client_rest import Rest

            return Client(Rest(url, timeout))
        if parts.scheme == "grpc" and parts.netloc:
            from zoo.serving.client_grpc import Grpc

            return Client(Grpc(parts.netloc, timeout))
    except ImportError as error:
        raise UserError(f"{error.name} is missing: run `pip install 'rnn-zoo[serve]'`") from error
    raise UserError(f"{url!r} is no server: give http://HOST:8501 or grpc://HOST:8500")


def _classifier(outputs: Shown, ask: forms.Ask) -> dict[str, Any]:
    """What a classifier's own document says of its labels, learned by asking it."""
    [classes] = ask("classify", {"inputs": [b""]})["classes"]
    probability = [name for name in outputs if name.endswith("_probability")]
    positive = probability[0].removesuffix("_probability") if probability else None
    return {"labels": [name.decode() for name in classes], "positive": positive}
