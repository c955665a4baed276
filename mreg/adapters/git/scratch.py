"""Throw-away repositories beside the real one: objects are shared, refs are not."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.git.process import Runner, writing
from mreg.adapters.scratch import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mreg.adapters.git.repository import Git


@contextmanager
def temporary_folder(git: Git) -> Iterator[Path]:
    """A folder in the git folder, gone afterwards."""
    with ExitStack() as stack:
        with writing(git.private_dir):
            git.private_dir.mkdir(exist_ok=True)
            folder = stack.enter_context(scratch_folder(git.private_dir))
        yield folder


class Scratch(Runner):
    """Runs git in a throw-away repository, in the folder of the real one: paths in its configuration mean the same."""

    @property
    def git_dir(self) -> Path:
        return Path(self._environment["GIT_DIR"])

    def write_refs(self, refs: Mapping[str, str]) -> None:
        """Give it these refs, full name → object id, all at once."""
        with writing(self.git_dir):
            lines = "".join(f"{oid} {name}\n" for name, oid in refs.items())
            (self.git_dir / "packed-refs").write_text(lines, encoding="utf-8", errors="surrogateescape")


@contextmanager
def scratch_repository(git: Git) -> Iterator[Scratch]:
    """A throw-away repository that shares objects and configuration with the real one, but no refs."""
    with temporary_folder(git) as folder:
        form = git.run("rev-parse", "--show-object-format").text
        extension = "" if form == "sha1" else f"[extensions]\n\tobjectFormat = {form}\n"
        version = 0 if form == "sha1" else 1
        with writing(folder):
            (folder / "refs").mkdir()
            (folder / "HEAD").write_text("ref: refs/heads/scratch\n")
            (folder / "config").write_text(
                f"[include]\n\tpath = {_quoted(git.common_dir / 'config')}\n"
                # The hooks are for the real refs, which are changed later.
                f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n\thooksPath = /dev/null\n{extension}",
                encoding="utf-8",
                errors="surrogateescape",
            )
        environment = {"GIT_DIR": str(folder), "GIT_OBJECT_DIRECTORY": str(git.common_dir / "objects")}
        if git.shallow:  # where the history ends that was fetched
            environment["GIT_SHALLOW_FILE"] = str(git.common_dir / "shallow")
        yield Scratch(git.folder, environment)


def _quoted(path: Path) -> str:
    """A path as the value in a git configuration file."""
    escaped = str(path).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'"{escaped}"'
