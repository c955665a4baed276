"""`mreg get --if-changed`: one folder that follows a reference, for a process that serves the model out of it.

Nothing is read, fetched or written where the folder has the version already. Otherwise the receipt in the folder first
tells what is coming, then the artifact gets its name, then the receipt tells that it has it, and at last goes what it
replaced: killed anywhere in between, the next run knows which files are mreg's, and completes the switch.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.dvc.deliver import Handover, TargetExists, is_artifact
from mreg.adapters.files import disk_errors, remove
from mreg.adapters.git.transaction import lock_file
from mreg.adapters.progress import SILENT
from mreg.adapters.receipt import LOCK, OWN, PREVIOUS, Delivery, Mark, Receipt, marks, read_receipt, write_receipt
from mreg.adapters.scratch import has_leftovers
from mreg.errors import RegistryError
from mreg.usecases.delivery import Delivered, bring
from mreg.usecases.details import Resolution, resolution, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mreg.adapters.progress import Progress
    from mreg.usecases.workspace import Workspace


class OtherModel(RegistryError):
    """The folder follows another model."""

    def __init__(self, *, folder: Path, holds: str, wanted: str) -> None:
        super().__init__(f"{folder} holds {holds}, so it cannot follow {wanted} too")
        self.folder, self.holds, self.wanted = str(folder), holds, wanted
        self.hint = "give each model a folder of its own"


class OwnName(RegistryError):
    """The artifact is named as one of mreg's own files in the folder."""

    def __init__(self, *, name: str) -> None:
        super().__init__(f"an artifact called {name} cannot be kept up to date: mreg's own files are called so")
        self.name = name
        self.hint = "get it without --if-changed"


def get_if_changed(
    workspace: Workspace,
    text: str,
    folder: Path,
    *,
    link: bool = False,
    force: bool = False,
    progress: Progress = SILENT,
) -> Delivered:
    """Let a folder hold the version that a reference picks now, in the place of what was put there in this way before.

    A folder that has it already is left as it is: no file is read, and DVC is not asked. A file replaces a file and a
    folder a folder in one step; the folder that was replaced stays in `.mreg-previous` until the next switch begins, so
    that who has it open reads on. What was delivered and then damaged is delivered anew. Any number of processes may do
    this at once.

    Args:
        workspace: The repository.
        text: The version.
        folder: Where to; created if need be.
        link: Hard-link to the cache instead of copying; the file is read-only then.
        force: Replace something else that has the name.
        progress: Shows the bytes fetched and copied.

    Raises:
        OtherModel: The folder follows another model.
        InvalidRef, UnknownModel, UnknownRef, NoPointer: The reference stands for no artifact.
        NoRemote, MissingObject, CorruptObject, BadManifest, WrongBytes: The bytes are missing or not to be trusted.
        TargetExists, OwnName, CannotLink, DiskFailure: The folder.
    """
    if delivered := _unchanged(workspace, text, folder):
        return delivered
    # One may have waited for another that did the work: looked up again, it is also the newest version of that moment.
    with lock_file(folder / LOCK, failing=disk_errors("write to", folder)):
        return _unchanged(workspace, text, folder) or _deliver(
            workspace, text, folder, link=link, force=force, progress=progress
        )


def _unchanged(workspace: Workspace, text: str, folder: Path) -> Delivered | None:
    _, state, version = workspace.version(text)
    receipt = read_receipt(folder)
    current = receipt.current
    if current is None or receipt.others or has_leftovers(folder):
        return None
    found = resolution(workspace, state, version, current.pointer)
    if not (_is_of(current, found) and current.is_intact(folder)):
        return None
    return Delivered(resolution=found, path=folder / current.name, changed=False)


def _is_of(delivery: Delivery, found: Resolution) -> bool:
    return (delivery.ref, delivery.registration) == (found.ref, found.registration)


def _deliver(
    workspace: Workspace, text: str, folder: Path, *, link: bool, force: bool, progress: Progress
) -> Delivered:
    found = resolve(workspace, text)
    switch = _Switch(folder, read_receipt(folder), found)
    switch.check(force=force)
    placed = not switch.is_in_place(progress)
    if placed:
        switch.check_free(force=force)
        with disk_errors("remove", folder / PREVIOUS):
            remove(folder / PREVIOUS)  # before the new one takes room
        dvc = bring(workspace, found, progress=progress)
        handover = Handover(announce=switch.announce, previous=folder / PREVIOUS)
        dvc.place(found.pointer, found.digest, folder, handover=handover, link=link, progress=progress)
    remarks = switch.conclude()
    return Delivered(resolution=found, path=switch.target, changed=placed or not switch.was_known, remarks=remarks)


@dataclass
class _Switch:
    """From what the receipt says to the version that was found."""

    folder: Path
    receipt: Receipt
    found: Resolution
    arriving: Delivery | None = None

    @property
    def name(self) -> str:
        return self.found.pointer.name

    @property
    def target(self) -> Path:
        return self.folder / self.name

    @property
    def was_known(self) -> bool:
        """Whether a run before this one told of the version, or found the folder to hold it without any receipt."""
        current = self.receipt.current
        return _is_of(current, self.found) if current else not self.receipt.others

    def check(self, *, force: bool) -> None:
        current = self.receipt.current
        if self.name.startswith(OWN):
            raise OwnName(name=self.name)
        if current and current.model != self.found.model and not force:
            raise OtherModel(folder=self.folder, holds=current.ref, wanted=self.found.model)

    def is_in_place(self, progress: Progress) -> bool:
        """Whether the folder holds the artifact; what mreg itself put there need not be read to know."""
        for delivery in self.receipt.deliveries:
            if delivery.name == self.name and delivery.is_intact(self.folder):
                if not _same_bytes(delivery, self.found):
                    return False
                self.arriving = self._delivery(delivery.marks)
                return True
        before = marks(self.target)  # so that a write while it is being read shows the next time
        if before is None or not is_artifact(self.target, self.found.pointer, self.found.digest, progress=progress):
            return False
        self.arriving = self._delivery(before)
        return True

    def check_free(self, *, force: bool) -> None:
        """The receipt's names are mreg's, also where somebody damaged what has them; others are not."""
        ours = any(delivery.name == self.name for delivery in self.receipt.deliveries)
        if os.path.lexists(self.target) and not (ours or force):
            raise TargetExists(target=self.target)

    def announce(self, artifact: Path) -> None:
        self.arriving = self._delivery(marks(artifact) or {})
        write_receipt(self.folder, Receipt(self.receipt.current, (*self.receipt.others, self.arriving)))

    def conclude(self) -> tuple[str, ...]:
        """Say that the new one is there, and remove the old ones; returns what is to be said of those that stay."""
        others = [delivery for delivery in self.receipt.deliveries if delivery.name != self.name]
        leaving = tuple(delivery for delivery in others if delivery.is_intact(self.folder))
        write_receipt(self.folder, Receipt(self.arriving, leaving))
        for delivery in leaving:
            self._retire(delivery)
        if leaving:
            write_receipt(self.folder, Receipt(self.arriving))
        names = dict.fromkeys(delivery.name for delivery in others if os.path.lexists(self.folder / delivery.name))
        return tuple(f"{self.folder / name} stays: it was changed since it was delivered" for name in names)

    def _retire(self, delivery: Delivery) -> None:
        path, previous = self.folder / delivery.name, self.folder / PREVIOUS
        with disk_errors("remove", path):
            if not delivery.pointer.is_dir:
                remove(path)
                return
            previous.mkdir(exist_ok=True)
            remove(previous / delivery.name)
            path.rename(previous / delivery.name)

    def _delivery(self, found: Mapping[str, Mark]) -> Delivery:
        return Delivery(
            ref=self.found.ref,
            model=self.found.model,
            version=str(self.found.version),
            registration=self.found.registration,
            pointer=self.found.pointer,
            digest=self.found.digest,
            marks=found,
        )


def _same_bytes(delivery: Delivery, found: Resolution) -> bool:
    held, wanted = delivery.pointer, found.pointer
    return (delivery.digest, held.hash_name, held.hash) == (found.digest, wanted.hash_name, wanted.hash)
