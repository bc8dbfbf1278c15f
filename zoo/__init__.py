"""A zoo of recurrent networks for applied tasks."""

from zoo.hub import list_models, load
from zoo.serving.client import client

__all__ = ["client", "list_models", "load"]
