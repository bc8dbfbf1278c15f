"""A folder that stands in for the network.

`ZOO_MIRROR=DIR` makes every set come from files under `DIR`, each checked against the
`SHA256SUMS` there (the format of the `sha256sum` command) before anything reads it.
"""

import hashlib
import os
from pathlib import Path

from zoo.errors import UserError

MIRROR_VARIABLE = "ZOO_MIRROR"
CHECKSUMS = "SHA256SUMS"


def mirror_folder() -> Path | None:
    """The mirror's folder, or None where no mirror is set.

    Raises:
        UserError: It is no folder.
    """
    folder = os.environ.get(MIRROR_VARIABLE)
    if not folder:
        return None
    mirror = Path(folder).expanduser()
    if not mirror.is_dir():
        raise UserError(
            f"{MIRROR_VARIABLE}={folder} is not a folder: name the mirror's folder, "
            f"or unset {MIRROR_VARIABLE} to download"
        )
    return mirror


def mirrored(relative_path: str) -> Path | None:
    """Finds a file in the mirror and checks it.

    Args:
        relative_path: The file below the mirror's folder, as `SHA256SUMS` lists it.

    Returns:
        The file's path, or None where no mirror is set.

    Raises:
        UserError: The mirror is no folder or has no `SHA256SUMS`, or the file is not there, not
            listed, or not what its checksum says.
    """
    mirror = mirror_folder()
    if mirror is None:
        return None
    expected = _listed_checksum(mirror, relative_path)
    path = mirror / relative_path
    if not path.is_file():
        raise UserError(f"{path} is missing: copy it into the mirror again")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise UserError(
            f"{path} is truncated or was changed (its SHA-256 is {found}, {CHECKSUMS} says "
            f"{expected}): copy it into the mirror again"
        )
    return path


def _listed_checksum(mirror: Path, relative_path: str) -> str:
    checksums = mirror / CHECKSUMS
    if not checksums.is_file():
        raise UserError(
            f"{mirror} has no {CHECKSUMS}: copy the mirror with that file, "
            f"or unset {MIRROR_VARIABLE} to download"
        )
    for line in checksums.read_text(encoding="utf-8", errors="replace").splitlines():
        checksum, _, name = line.partition(" ")
        # The name's first character is sha256sum's mark: a space for text, a star for binary.
        if name[1:].removeprefix("./") == relative_path:
            return checksum
    raise UserError(
        f"{checksums} does not list {relative_path}: copy the mirror again, "
        f"or unset {MIRROR_VARIABLE} to download"
    )
