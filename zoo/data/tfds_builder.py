"""Prepares a TFDS builder's data once, in a folder of the zoo's own."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.data.mirror import mirror_folder
from zoo.data.sources import Source
from zoo.errors import UserError

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

DATA_VARIABLE = "ZOO_DATA"
_DEFAULT_FOLDER = Path("~/.cache/rnn-zoo")


def data_folder() -> Path:
    """Where downloads and prepared sets are kept: `$ZOO_DATA`, else `~/.cache/rnn-zoo`."""
    return Path(os.environ.get(DATA_VARIABLE) or _DEFAULT_FOLDER).expanduser()


def prepare(
    builder_class: type[tfds.core.DatasetBuilder], config: str | None = None
) -> tfds.core.DatasetBuilder:
    """Makes a builder whose data is on the disk.

    Data already prepared in the builder's version is used as it is; otherwise it is prepared
    beside its place and moved there when it is whole, so a killed preparation leaves nothing
    that a later one would take for the set.

    Args:
        builder_class: The set's builder.
        config: Which of its configurations, where it has several.

    Returns:
        The builder, ready for `as_dataset`.

    Raises:
        UserError: The folder cannot be written, or the data cannot be fetched.
    """
    import tensorflow_datasets as tfds

    mirror_folder()  # a mistyped mirror is said at once, also where nothing is read from it
    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        builder = builder_class(data_dir=folder, config=config)
        # TFDS announces what it does on standard output, which belongs to the command's answer.
        with contextlib.redirect_stdout(sys.stderr):
            builder.download_and_prepare(
                download_config=tfds.download.DownloadConfig(try_download_gcs=False)
            )
    except OSError as error:
        raise UserError(
            f"{builder_class.__name__} could not be prepared in {folder} ({error}): make room "
            f"there, or set {DATA_VARIABLE} to a folder that can be written"
        ) from error
    return builder


def describe(
    builder: tfds.core.DatasetBuilder, source: Source, features: Any, **further: Any
) -> tfds.core.DatasetInfo:
    """What a builder's `_info` says of a source.

    Args:
        builder: The set's builder; the first lines of its description are its docstring.
        source: Where the set comes from.
        features: Of an example.
        further: Arguments of `tfds.core.DatasetInfo`.
    """
    import tensorflow_datasets as tfds

    return tfds.core.DatasetInfo(
        builder=builder,
        description=f"{source.name}: {type(builder).__doc__}\n\n{source.note}",
        features=features,
        homepage=source.homepage,
        citation=source.citation,
        license=source.licence,
        disable_shuffling=True,  # examples stay in the order in which they are generated
        **further,
    )
