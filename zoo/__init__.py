"""A zoo of recurrent networks for applied tasks."""

from zoo.hub import list_models, load

__all__ = ["list_models", "load"]
