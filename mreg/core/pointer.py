"""Where DVC says that an artifact's bytes are: one out of a `.dvc` file or of a `dvc.lock`."""

from __future__ import annotations

from dataclasses import dataclass

DIRECTORY_SUFFIX = ".dir"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """What one DVC out recorded, with paths resolved against the Git repository.

    Attributes:
        path: The artifact, posix, relative to the Git root.
        file: The `.dvc` or `dvc.lock` file that says so, posix, relative to the Git root.
        hash_name: `md5` since DVC 3, `md5-dos2unix` for what DVC 2 wrote; others as written (`etag`, …).
        hash: The object's name in DVC's cache, e.g. `ab12…`, or `ab12….dir` for a folder.
        size: Bytes, None where the file does not say.
        nfiles: Files in the folder, None for a file or where the file does not say.
        stage: The pipeline stage that produces the artifact, None for a `.dvc` file.
        remote: The DVC remote that this out alone uses, None for the default remote.
        imported: The `.dvc` file has a source of its own (`dvc import`, `dvc import-url`).
    """

    path: str
    file: str
    hash_name: str
    hash: str
    size: int | None = None
    nfiles: int | None = None
    stage: str | None = None
    remote: str | None = None
    imported: bool = False

    @property
    def is_dir(self) -> bool:
        return self.hash.endswith(DIRECTORY_SUFFIX)

    @property
    def name(self) -> str:
        """The file's or folder's own name, without the folders above it."""
        return self.path.rpartition("/")[2]
