"""Where data sets come from, and how to know that they arrived whole."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.data.mirror import CHECKSUMS, MIRROR_VARIABLE, mirrored
from zoo.errors import UserError

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Source:
    """A published data set whose data is one file.

    Attributes:
        name: The set's name, as its authors write it.
        homepage: Where people read about it.
        url: The canonical download, a zip archive.
        member: The data file's name inside the archive.
        mirror_path: The data file's path below a mirror's folder.
        sha256: The data file's SHA-256, or None where it is not known.
        counts: How many of what the data file holds.
        licence: The data's licence.
        citation: The paper or set to cite, in BibTeX.
        note: What a user should know about the download.
    """

    name: str
    homepage: str
    url: str
    member: str
    mirror_path: str
    sha256: str | None
    counts: Mapping[str, int]
    licence: str
    citation: str
    note: str

    def check_counts(self, found: Mapping[str, int]) -> None:
        """Refuses data that is not the published set.

        Args:
            found: What the data file held, by the names of `counts`.

        Raises:
            UserError: A count differs.
        """
        if dict(found) != dict(self.counts):
            raise UserError(
                f"{self.name} is not the published set: it has {_listed(found)}, not "
                f"{_listed(self.counts)}; {self._remedy}"
            )

    def _check_hash(self, content: bytes) -> None:
        found = hashlib.sha256(content).hexdigest()
        if self.sha256 is not None and found != self.sha256:
            raise UserError(
                f"{self.name} is not the published set: the SHA-256 of {self.member} is {found}, "
                f"not {self.sha256}; {self._remedy}"
            )

    @property
    def _remedy(self) -> str:
        return (
            f"run this again to download it from {self.url}, or set {MIRROR_VARIABLE} to a folder "
            f"that holds {self.mirror_path} and {CHECKSUMS}"
        )


def fetch(source: Source, manager: tfds.download.DownloadManager) -> bytes:
    """Reads a set's data file from the mirror or, where none is set, from the canonical address.

    A download that turns out to be wrong is thrown away, so that the next run starts again.

    Args:
        source: The set.
        manager: The builder's download manager, which keeps the archive once it is whole.

    Returns:
        The data file's bytes, which have the hash that the source names.

    Raises:
        UserError: The mirror or the download fails, or gives something else than the set.
    """
    mirror_file = mirrored(source.mirror_path)
    if mirror_file is not None:
        content = mirror_file.read_bytes()
        source._check_hash(content)
        return content
    archive = _download(source, manager)
    try:
        content = _member(source, archive)
        source._check_hash(content)
    except UserError:
        archive.unlink()
        # The manager's record of the archive, which would refuse any other one at this address.
        archive.with_name(f"{archive.name}.INFO").unlink()
        raise
    return content


def _download(source: Source, manager: tfds.download.DownloadManager) -> Path:
    import requests
    from tensorflow_datasets.core.download.util import DownloadError

    try:
        # The manager tries for minutes before it gives an address up; a knock tells at once.
        with requests.get(source.url, stream=True, timeout=_TIMEOUT_SECONDS) as answer:
            answer.raise_for_status()
        return Path(manager.download(source.url))
    except (requests.RequestException, DownloadError) as error:
        refusal = getattr(error, "response", None)
        reason = type(error).__name__ if refusal is None else f"status {refusal.status_code}"
        raise UserError(
            f"{source.name} could not be downloaded ({reason}): check the network, then "
            f"{source._remedy}"
        ) from error


def _member(source: Source, archive: Path) -> bytes:
    try:
        with zipfile.ZipFile(archive) as opened:
            return opened.read(source.member)
    except (zipfile.BadZipFile, KeyError) as error:
        raise UserError(
            f"{source.name}: the download is no whole zip archive with {source.member} in it; "
            f"{source._remedy}"
        ) from error


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
