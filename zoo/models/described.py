"""A model from its description."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from zoo.errors import UserError
from zoo.models.many_to_many import ManyToMany, ManyToManyConfig
from zoo.models.many_to_one import ManyToOne, ManyToOneConfig
from zoo.models.one_to_many import OneToMany, OneToManyConfig

_FORMS: Mapping[str, tuple[Any, Any]] = {
    "many_to_one": (ManyToOneConfig, ManyToOne),
    "many_to_many": (ManyToManyConfig, ManyToMany),
    "one_to_many": (OneToManyConfig, OneToMany),
}


def model_of(document: Mapping[str, Any]) -> Any:
    """The model of a `model.json`, with new weights.

    Raises:
        UserError: the document is damaged, or of no form that this version knows.
    """
    if document.get("form") not in _FORMS:
        raise UserError(
            f"the model is of the form {document.get('form')!r}, which this version of the zoo "
            "does not know: update the zoo"
        )
    make_config, make_model = _FORMS[document["form"]]
    with undamaged():
        architecture = make_config(**document["model"])
    return make_model(architecture)


@contextmanager
def undamaged() -> Iterator[None]:
    """Tells of what a document lacks or has too much.

    Raises:
        UserError: that is so.
    """
    try:
        yield
    except (KeyError, TypeError) as error:
        raise UserError(f"model.json is damaged ({error}): get the model again") from error
