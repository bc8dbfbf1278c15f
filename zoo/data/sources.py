"""Where data sets come from, and how to know that they arrived whole."""

from __future__ import annotations

import gzip
import hashlib
import sys
import tarfile
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from zoo.data.mirror import CHECKSUMS, MIRROR_VARIABLE, mirrored
from zoo.errors import UserError

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

_TIMEOUT_SECONDS = 30
_LARGEST_FILE = 1 << 28  # bytes: data files are read as a whole, and must not fill the memory
_PIECE = 1 << 20
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)


@dataclass(frozen=True)
class Source:
    """A published data set.

    A path or an address that ends in `.zip` or `.tar.gz` names an archive of data files, one
    that ends in `.gz` alone a compressed data file, any other a data file. A `.zip` may hold
    further ones. The mirror may pack the same data files in another way than the download.

    Attributes:
        name: The set's name, as its authors write it.
        homepage: Where people read about it.
        urls: The canonical downloads.
        mirror_paths: What stands for them below a mirror's folder.
        sha256: As far as they are known, the SHA-256 of downloads, by the last part of their
            address, and of data files, by their name.
        counts: How many of what the data files hold.
        licence: The data's licence.
        citation: The paper or set to cite, in BibTeX.
        note: What a user should know about the download.
        grows: Whether the set changes at its source, so that other counts are only told.
    """

    name: str
    homepage: str
    urls: tuple[str, ...]
    mirror_paths: tuple[str, ...]
    sha256: Mapping[str, str]
    counts: Mapping[str, int]
    licence: str
    citation: str
    note: str
    grows: bool = False

    def check_counts(self, found: Mapping[str, int]) -> None:
        """Refuses data that is not the published set; of a set that grows, tells it.

        Args:
            found: What the data files held, by the names of `counts`.

        Raises:
            UserError: A count differs; of a set that grows: is 0.
        """
        if dict(found) == dict(self.counts):
            return
        if self.grows and all(found.values()):
            sys.stderr.write(
                f"{self.name} has changed at its source: it has {_listed(found)}, not "
                f"{_listed(self.counts)}; what is trained on it differs from what was published\n"
            )
        else:
            raise UserError(
                f"{self.name} is not the published set: it has {_listed(found)}, not "
                f"{_listed(self.counts)}; {self._remedy}"
            )

    def _check_hash(self, name: str, found: str) -> None:
        expected = self.sha256.get(name, found)
        if found != expected:
            raise UserError(
                f"{self.name} is not the published set: the SHA-256 of {name} is {found}, "
                f"not {expected}; {self._remedy}"
            )

    @property
    def _remedy(self) -> str:
        return (
            f"run this again to download it from {_in_braces(self.urls)}, or set "
            f"{MIRROR_VARIABLE} to a folder that holds {_in_braces(self.mirror_paths)} and "
            f"{CHECKSUMS}"
        )


@contextmanager
def fetched(
    source: Source, manager: tfds.download.DownloadManager
) -> Iterator[Iterator[tuple[str, bytes]]]:
    """A set's data files, from the mirror or, where none is set, from the canonical addresses.

    The data files come once, in their archives' order, and are never written to the disk. A
    download that turns out to be wrong, if only by its counts, is thrown away when the `with`
    ends, so that the next run starts again.

    Args:
        source: The set.
        manager: The builder's download manager, which keeps downloads once they are whole.

    Returns:
        To be used in a `with`: name and content of each data file. The name is its path in its
        archive; of a data file in no archive the last part of its path, less `.gz`.

    Raises:
        UserError: The mirror or the download fails, or gives something else than the set.
    """
    found = {path: copy for path in source.mirror_paths if (copy := mirrored(path)) is not None}
    if found:
        yield _data_files(source, found)
        return
    downloads = {url: _download(source, url, manager) for url in source.urls}
    try:
        for url, download in downloads.items():
            with download.open("rb") as file:
                checksum = hashlib.file_digest(file, "sha256").hexdigest()
            source._check_hash(_last_part(url), checksum)
        yield _data_files(source, downloads)
    except UserError:
        for download in downloads.values():
            download.unlink()
            # The manager's record, which would refuse any other download from this address.
            download.with_name(f"{download.name}.INFO").unlink()
        raise


def _download(source: Source, url: str, manager: tfds.download.DownloadManager) -> Path:
    import requests
    from tensorflow_datasets.core.download.util import DownloadError

    try:
        # The manager tries for minutes before it gives an address up; a knock tells at once.
        with requests.get(url, stream=True, timeout=_TIMEOUT_SECONDS) as answer:
            answer.raise_for_status()
        return Path(manager.download(url))
    except (requests.RequestException, DownloadError) as error:
        refusal = getattr(error, "response", None)
        reason = type(error).__name__ if refusal is None else f"status {refusal.status_code}"
        raise UserError(
            f"{source.name} could not be downloaded ({reason}): check the network, then "
            f"{source._remedy}"
        ) from error


def _data_files(source: Source, paths: Mapping[str, Path]) -> Iterator[tuple[str, bytes]]:
    """Reads the files at `paths`, whose keys are the addresses or mirror paths they came from."""
    for address, path in paths.items():
        packed = _last_part(address)
        try:
            for name, file in _opened(packed, path):
                content = file.read(_LARGEST_FILE + 1)
                if len(content) > _LARGEST_FILE:
                    raise UserError(
                        f"{source.name} is not the published set: {name!r} in {packed} is larger "
                        f"than {_LARGEST_FILE} bytes; {source._remedy}"
                    )
                source._check_hash(name, hashlib.sha256(content).hexdigest())
                yield name, content
        except _BROKEN as error:
            raise UserError(
                f"{source.name}: {packed} is no whole archive; {source._remedy}"
            ) from error


def _opened(packed: str, path: Path) -> Iterator[tuple[str, IO[bytes] | gzip.GzipFile]]:
    """Opens the data files in the file at `path`, whose own name is `packed`, one at a time."""
    if packed.endswith(".zip"):
        yield from _unzipped(path)
    elif packed.endswith(".tar.gz"):
        with gzip.open(path) as unpacked:
            with tarfile.open(fileobj=unpacked, mode="r:") as tar:
                for member in tar:
                    # A link would be read as what it names.
                    if member.isreg() and (content := tar.extractfile(member)):
                        yield member.name, content
            while unpacked.read(_PIECE):  # gzip's checksum stands after the tar's end
                pass
    elif packed.endswith(".gz"):
        with gzip.open(path) as unpacked:
            yield packed.removesuffix(".gz"), unpacked
    else:
        with path.open("rb") as file:
            yield packed, file


def _unzipped(archived: Path | IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """Opens the files in an archive and in the archives in it."""
    with zipfile.ZipFile(archived) as archive:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            with archive.open(entry) as file:
                # What begins with a dot is a file system's note about a file of that name.
                if entry.filename.endswith(".zip") and _last_part(entry.filename)[0] != ".":
                    yield from _unzipped(file)
                else:
                    yield entry.filename, file


def _last_part(address: str) -> str:
    return address.rpartition("/")[2]


def _in_braces(addresses: Iterable[str]) -> str:
    """Writes addresses as a shell takes them, those of one folder together."""
    names: dict[str, list[str]] = defaultdict(list)
    for address in addresses:
        name = _last_part(address)
        names[address.removesuffix(name)].append(name)
    return ", ".join(
        folder + (found[0] if len(found) == 1 else f"{{{','.join(found)}}}")
        for folder, found in names.items()
    )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
