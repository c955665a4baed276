"""An artifact from outside the repository into it."""

from __future__ import annotations

from pathlib import Path

from mreg.adapters.files import copy_file, disk_errors, install, scratch
from mreg.adapters.hashing import ALONE, ArtifactChanged, survey
from mreg.adapters.progress import SILENT, Progress


def copy_in(source: Path, target: Path, *, progress: Progress = SILENT) -> None:
    """Copy a file or folder to `target`, in the place of what is there, once the copy is complete.

    Links to files inside it become files. A link given as `source` is followed.

    Raises:
        BadArtifact: As `mreg.adapters.hashing.survey` says.
        ArtifactChanged: Somebody wrote to it meanwhile.
        DiskFailure: It cannot be read, or the copy cannot be written.
    """
    with disk_errors("read", source):
        before = survey(source.resolve())
    with disk_errors("write to", target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch(target.parent) as temporary, progress.start(f"Copying {source.name}", before.size) as advance:
            for member in before.stamps:
                copy = temporary / member
                if member != ALONE:
                    copy.parent.mkdir(parents=True, exist_ok=True)
                copy_file(before.locate(member), copy, lambda chunk: advance(chunk.nbytes))
            if survey(before.path) != before:
                raise ArtifactChanged(path=source)
            install(temporary, target)
