"""The models that the page asks, each loaded when it is first wanted."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zoo import hub
from zoo.errors import UserError
from zoo.quiet import import_tensorflow
from zoo.serving.client import client


class Models:
    """Models by name.

    Args:
        load: gives a model of a name that is not missing.
        missing: of each name that has no model, a sentence that says why.
    """

    def __init__(self, load: Callable[[str], Any], missing: Mapping[str, str]) -> None:
        self.missing = missing
        self._load = load
        self._loaded: dict[str, Any] = {}
        self._one_at_a_time = threading.Lock()

    def __getitem__(self, name: str) -> Any:
        """The model of a name, as `zoo.load` gives it; the first call loads it."""
        with self._one_at_a_time:
            if name not in self._loaded:
                self._loaded[name] = self._load(name)
            return self._loaded[name]


def in_this_process(names: Iterable[str]) -> Models:
    """The models that `zoo.load` finds by these names."""
    missing = {}
    for name in names:
        try:
            hub.find(name)
        except UserError:
            missing[name] = f"There is no model of this task yet: {hub.models_folder()} lacks it."
    return Models(_load, missing)


def behind(url: str, names: Iterable[str]) -> Models:
    """The models that a server has by these names (see `zoo.client`).

    Raises:
        UserError: it does not answer, or has none of them.
    """
    server = client(url)
    found, missing = {}, {}
    for name in names:
        try:
            found[name] = server.load(name)
        except UserError as error:
            missing[name] = f"The server has no model of this task: {error}."
            last = error
    if not found:
        raise last
    return Models(found.__getitem__, missing)


def _load(name: str) -> Any:
    import_tensorflow()
    return hub.load(name)
