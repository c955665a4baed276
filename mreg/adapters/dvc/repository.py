"""A DVC repository: what mreg asks of DVC, and how it gets the bytes that DVC keeps.

Reading from the local cache never imports DVC; adding and fetching do.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.dvc.cache import Cache, CorruptObject, locate_cache
from mreg.adapters.dvc.deliver import Handover, deliver, digest_cached, place
from mreg.adapters.dvc.place import Place
from mreg.adapters.progress import SILENT, Progress
from mreg.core.pointer import Pointer
from mreg.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mreg.adapters.dvc.push import Pushed
    from mreg.adapters.dvc.track import GitTracked, Tracked


class NotDvc(RegistryError):
    """No folder between the path and the Git root is a DVC repository."""

    def __init__(self, *, start: Path) -> None:
        super().__init__(f"{start} is not in a DVC repository")
        self.start = str(start)
        self.hint = "mreg init"


class OutsideDvc(RegistryError):
    """The path is not one that this DVC repository can track."""

    def __init__(self, *, path: Path, root: Path) -> None:
        super().__init__(f"{path} is not in the DVC repository {root}")
        self.path, self.root = str(path), str(root)
        self.hint = "copy the artifact into the repository first"


@dataclass(frozen=True)
class Dvc:
    """One DVC repository.

    Attributes:
        root: The folder with `.dvc/`; the Git root, or a folder below it in a repository of many projects.
        git_root: The top of the Git work tree, to which all pointers are relative. Absolute, without symbolic links.
    """

    root: Path
    git_root: Path

    @classmethod
    def find(cls, start: Path, git_root: Path) -> Dvc:
        """The nearest DVC repository at or above `start`, which need not exist, up to the Git root.

        Raises:
            NotDvc: There is none.
        """
        top = git_root.resolve()
        folder = start.resolve()
        for candidate in (folder, *folder.parents):
            if not candidate.is_relative_to(top):
                break
            if (candidate / ".dvc").is_dir():
                return cls(candidate, top)
        raise NotDvc(start=start)

    @classmethod
    def init(cls, root: Path, git_root: Path) -> Dvc:
        """Make `root` a DVC repository where it is none yet. DVC stages the files that it creates.

        Raises:
            DvcFailure: DVC refuses, e.g. because Git ignores `.dvc`.
        """
        root, top = root.resolve(), git_root.resolve()
        if not (root / ".dvc").is_dir():
            from mreg.adapters.dvc.repo import dvc_errors, quiet

            with quiet():
                from dvc.repo import Repo

                with dvc_errors(f"make {root} a DVC repository"):
                    Repo.init(str(root), subdir=root != top).close()
        return cls(root, top)

    @cached_property
    def cache(self) -> Cache:
        """The local cache, as DVC's configuration says on all its levels."""
        found = locate_cache(self.root)
        if found is None:
            from mreg.adapters.dvc.repo import open_repo

            with open_repo(self.root) as (repo, _):
                found = Cache(Path(repo.cache.local_cache_dir))
        return found

    @property
    def _place(self) -> Place:
        return Place(self.root, self.git_root, self.cache)

    def cached(self, pointer: Pointer) -> Path | None:
        """The artifact's object in the local cache, a folder's manifest; None where it, or a member, is missing.

        Raises:
            CorruptObject, BadManifest: A folder's manifest cannot be read.
        """
        return None if self.cache.missing(pointer) else self.cache.find(pointer.hash_name, pointer.hash)

    def track(self, path: Path, *, git_tracked: GitTracked, progress: Progress = SILENT) -> Tracked:
        """Put a file or folder under DVC, or recognise that it is, and take its SHA-256.

        Something untracked, or changed since, is added. What a pipeline or an import produces is left as it is: it
        must be what `dvc.lock` or the `.dvc` file says. How DVC links files to its cache (`cache.type`) is its own
        configuration's matter. Where this fails, no `.dvc` file has changed.

        Args:
            path: In the work tree; symbolic links in the folders above are resolved.
            git_tracked: Asked for what would be added.

        Raises:
            BadArtifact: Missing, empty, not a file or folder, or a link that leads out.
            ArtifactChanged: Somebody wrote to it meanwhile.
            InGit, InsideTrackedFolder, OutOfDate, OutsideDvc: It cannot be an artifact as things are.
            NotStored, CorruptObject: The cache does not hold what DVC recorded.
            DvcBusy, DvcFailure, DiskFailure: DVC, its lock or the disk.
        """
        from mreg.adapters.dvc.track import track

        actual = path.parent.resolve() / path.name
        inside = actual.relative_to(self.root) if actual.is_relative_to(self.root) else Path()
        if not inside.parts or inside.parts[0] in (".dvc", ".git"):
            raise OutsideDvc(path=path, root=self.root)
        return track(actual, self._place, git_tracked=git_tracked, progress=progress)

    def holds(self, path: Path) -> bool:
        """Whether what is at a path of the work tree could be had again from the cache, if it were replaced.

        Raises:
            InsideTrackedFolder: It is a part of what DVC tracks.
            DvcFailure: DVC cannot tell.
        """
        from mreg.adapters.dvc.track import is_stored

        return is_stored(path.parent.resolve() / path.name, self._place)

    def fetch(self, pointer: Pointer, *, rev: str | None = None, progress: Progress = SILENT) -> None:
        """Bring the artifact's missing objects from the DVC remote into the local cache, verified.

        A corrupt object on the remote is named, and neither taken nor deleted. Objects that were taken before an error
        stay, so that the next try goes on from there.

        Args:
            rev: The commit that the pointer was read from. An import needs it, unless it is the work tree's.

        Raises:
            NoRemote, MissingObject: Nowhere to be found.
            CorruptObject, BadManifest: Found, and not to be trusted.
            DvcBusy, DvcFailure, DiskFailure: The remote, DVC or the disk.
        """
        from mreg.adapters.dvc.fetch import fetch

        try:
            fetch(pointer, self._place, rev=rev, progress=progress)
        except CorruptObject as error:
            raise error.of(pointer.path) from None

    def push(self, pointers: Iterable[Pointer], *, progress: Progress = SILENT, dry_run: bool = False) -> Pushed:
        """Bring what the DVC remotes lack of these artifacts from the local cache to them.

        Each remote is asked once what it has. Every object is verified before it is sent, and gets its name on the
        remote when all of it has arrived, where the remote can rename; a folder's manifest comes after its files. What
        has its name and another size is replaced by the verified object in one step. Objects that were sent before an
        error stay, so that the next try goes on from there. Imports are nothing to push. In a dry run, nothing is sent.

        Raises:
            NoRemote: There is nowhere to push to.
            OnlyDvcPushes: The remote keeps versions of its own.
            MissingObject, WrongSize: An object is neither here nor, whole, there; nothing was sent.
            CorruptObject, BadManifest: An object here is not what its name says; it was not sent.
            UploadFailed: The remote did not take an object.
            DvcFailure, DiskFailure: The remote, DVC or the disk.
        """
        from mreg.adapters.dvc.push import push

        return push(pointers, self._place, progress=progress, dry_run=dry_run)

    def deliver(
        self,
        pointer: Pointer,
        digest: str | None,
        folder: Path,
        *,
        link: bool = False,
        replace: bool = False,
        progress: Progress = SILENT,
    ) -> Path:
        """Put the artifact from the local cache into `folder`, which is created, under its own name.

        Every byte is hashed before the name appears. An artifact that is there already is left as it is.

        Args:
            digest: The SHA-256 of its registration; without it, DVC's own hash is what is compared.
            link: Hard-link instead of copying. The file is then DVC's object itself, and read-only for that reason.
            replace: Take the place of something else that has the name.

        Returns:
            The file or folder.

        Raises:
            NotCached: To be fetched first.
            CorruptObject, BadManifest: The cache's bytes are not what their name says.
            WrongBytes: They are, but they are not what was registered.
            TargetExists: Something else has the name.
            CannotLink, DiskFailure: The file system.
        """
        with self._remedies(pointer):
            return deliver(pointer, digest, folder, cache=self.cache, link=link, replace=replace, progress=progress)

    def place(
        self,
        pointer: Pointer,
        digest: str | None,
        folder: Path,
        *,
        handover: Handover,
        link: bool = False,
        progress: Progress = SILENT,
    ) -> Path:
        """Put the artifact into `folder` as `deliver` does, in the place of whatever has its name there.

        Raises:
            NotCached, CorruptObject, BadManifest, WrongBytes, CannotLink, DiskFailure: As for `deliver`.
        """
        with self._remedies(pointer):
            return place(pointer, digest, folder, cache=self.cache, link=link, handover=handover, progress=progress)

    def digest(self, pointer: Pointer, *, progress: Progress = SILENT) -> str:
        """The SHA-256 of an artifact in the local cache, of a folder's manifest; DVC's own hashes are checked besides.

        Raises:
            NotCached: To be fetched first.
            CorruptObject, BadManifest: The cache's bytes are not what their name says.
            DiskFailure: They cannot be read.
        """
        return digest_cached(pointer, cache=self.cache, progress=progress)

    @contextmanager
    def _remedies(self, pointer: Pointer) -> Iterator[None]:
        try:
            yield
        except CorruptObject as error:
            error.hint = self._remedy(pointer, error)
            raise error.of(pointer.path) from None

    def _remedy(self, pointer: Pointer, error: CorruptObject) -> str:
        from mreg.adapters.dvc.remote import remote_with

        remove = f"remove it (rm -f '{error.where}')"
        if remote := remote_with(pointer, error.expected, self._place):
            return f"{remove} and run the command again: the DVC remote {remote} has it"
        return f"{remove} and bring it back from a clone that has it intact; no DVC remote here has it"
