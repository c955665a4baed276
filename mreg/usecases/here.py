"""What questions a registry is asked, by what they need to be answered; and a repository that has it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mreg.usecases.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


class Source(Protocol):
    """Where a registry is. Every question gets a workspace of its own, which shows the repository as it is then."""

    @property
    def identity(self) -> str:
        """What tells the repository from all others: its git folder, or its URL without credentials."""
        ...

    def writable(self) -> Workspace:
        """For what writes."""
        ...

    def tags(self, model: str | None) -> Workspace:
        """For what the tags of a model tell, or those of all models."""
        ...

    def version(self, ref: str, *, notes: bool = False) -> Workspace:
        """For one version; with `notes`, also for its annotations."""
        ...

    def models(self) -> Workspace:
        """For all models at a glance."""
        ...

    def everything(self) -> Workspace:
        """For what only the whole history can tell."""
        ...


class Here:
    """A repository on this machine: whatever the question, it is all there."""

    def __init__(self, path: Path) -> None:
        """Find the repository at or above a folder, anew for every question."""
        self._path = path

    @property
    def identity(self) -> str:
        return str(self.writable().git.common_dir)

    def writable(self) -> Workspace:
        return Workspace(self._path)

    def tags(self, model: str | None) -> Workspace:
        return self.writable()

    def version(self, ref: str, *, notes: bool = False) -> Workspace:
        return self.writable()

    def models(self) -> Workspace:
        return self.writable()

    def everything(self) -> Workspace:
        return self.writable()
