"""A view of a repository that is elsewhere: a bare, partial copy that is brought up to date when somebody asks.

There are two of each repository, since what a filter left out at first is not easily completed later:

- TIPS has tags, each with its commit alone, without history and without files. What is needed of a commit comes in few
  goes (`View.bring`), anything else one by one, when git reads it.
- HISTORY has all commits and all small files, for questions that read many versions.

Source: git's partial clones, https://git-scm.com/docs/partial-clone
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

from mreg.adapters.files import disk_errors
from mreg.adapters.git import BlobReader, NotARepository
from mreg.adapters.git.process import Runner
from mreg.adapters.git.remote import RemoteFailed
from mreg.adapters.git.repository import NoSuchFolder
from mreg.adapters.git.trees import TreeReader
from mreg.adapters.views.descent import Wanted, descend, edge
from mreg.adapters.views.fetching import FILES_ALONE, STALL, ViewGit, environment, turn
from mreg.adapters.views.making import CLOSED, HEAD, MANY, make, remedy, take_in_bulk
from mreg.core.records import model_of
from mreg.core.tags import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from mreg.adapters.views.address import Address
    from mreg.adapters.views.fetching import Fetcher
    from mreg.adapters.views.shelf import Shelf, Use

_REPAIRS = 2
_MANY_PACKS = 50  # as many as git itself puts up with
_LEFT_OUT = "did not send all necessary objects"
_NO_DEPTH = "not support shallow"


class Depth(StrEnum):
    """How much a view has."""

    TIPS = "tips"
    HISTORY = "history"

    @property
    def filter(self) -> str:
        """What git leaves out; in a history, only files that are no card, lock or code."""
        return "tree:0" if self is Depth.TIPS else "blob:limit=256k"


class View:
    """One view of one repository."""

    def __init__(self, use: Use, address: Address, depth: Depth, *, stall: int = STALL) -> None:
        """The view; nothing is fetched yet.

        Args:
            use: The use of what is kept of the repository.
            address: Where the repository is.
            depth: Which of its views.
            stall: Seconds without a byte after which a connection is given up, see `environment`.
        """
        self.address, self.kept = address, use.folder
        self._depth, self._folder, self._lock = depth, use.folder / depth, use.lock(depth)
        self._use = use  # what is kept stays for as long as the view is used
        self._variables = environment(address, wanted=depth.filter, stall=stall)
        self.git: ViewGit

    def refresh(self, model: str | None = None, *, notes: bool = False) -> None:
        """Have the tags that the other repository has now, and its HEAD; what is gone there goes here.

        Args:
            model: A valid model name, whose tags are asked for; None is all tags and, in a history, all branches.
            notes: Also the annotations.

        Raises:
            RemoteFailed: It could not be asked, or has not answered. What is here is as old as it was then.
        """
        with self._turn() as fetcher:
            self._open(fetcher)
            for _ in range(_REPAIRS):
                try:
                    self._fetch(fetcher, model, notes=notes)
                except RemoteFailed as error:
                    form = remedy(error)
                    if form is None:
                        raise
                    self._create(form)
                else:
                    return
            self._fetch(fetcher, model, notes=notes)

    def bring(self, wanted: Sequence[Wanted]) -> None:
        """Have what is needed of some commits, in one exchange for each level of folders that has something new.

        Raises:
            RemoteFailed: It could not be had.
        """
        new = {self._note(f"{files.commit} {chr(0).join(files.paths)}"): files for files in wanted}
        new = {note: files for note, files in new.items() if not note.exists()}
        if not new or self._depth is Depth.HISTORY:
            return
        with self._turn() as fetcher, self._objects() as objects:
            descend(TreeReader(objects), _roots(objects, list(new.values())), partial(_complete, fetcher, objects))
        for note in new:
            _touch(note)

    def files(self, commit: str, test: Callable[[str], bool]) -> list[str]:
        """The paths of a commit's files that pass the test; all its folders are brought for it, in one exchange.

        Raises:
            RemoteFailed: They could not be had.
        """
        with self._turn() as fetcher, self._objects() as objects:
            roots = [root for root, _ in _roots(objects, [Wanted(commit, ())])]
            # What is here already, git does not fetch again with what is below it.
            if missing := [folder for root in roots for folder in edge(objects, root)]:
                fetcher.fetch_objects(missing, folders_below=True)
            trees = TreeReader(objects)
            return [path for root in roots for path in trees.files(root, test)]

    @contextmanager
    def once(self, purpose: str) -> Iterator[bool]:
        """Whether the block has something to bring: never again after it has ended well, as commits never change.

        Args:
            purpose: What the block brings, and of which commits.
        """
        note = self._note(purpose)
        missing = self._depth is Depth.TIPS and not note.exists()
        yield missing
        if missing:
            _touch(note)

    @contextmanager
    def _objects(self) -> Iterator[BlobReader]:
        # Git looks here alone, as if there were no other repository: what it lacks, it says.
        objects = BlobReader(Runner(self._folder))
        try:
            yield objects
        finally:
            objects.close()

    def model_names(self) -> list[str]:
        """The names of all models of the other repository, sorted.

        Raises:
            RemoteFailed: It could not be asked.
        """
        with self._turn() as fetcher:
            names = (ref.removeprefix("refs/tags/") for ref in fetcher.refs() if ref.startswith("refs/tags/"))
        return sorted({model for name in names if (model := model_of(name))})

    def _turn(self) -> AbstractContextManager[Fetcher]:
        return turn(self._folder, self._variables, address=self.address, lock=self._lock)

    def _open(self, fetcher: Fetcher) -> None:
        try:
            self.git = ViewGit(self._folder, self._variables)
            if self._is_whole():
                return
        except (NotARepository, NoSuchFolder):
            pass
        self._create("sha1")
        if self._depth is Depth.HISTORY and self.address.url.lower().startswith(("http://", "https://")):
            self._refuse_files_alone(fetcher)
            self._create("sha1")

    def _refuse_files_alone(self, fetcher: Fetcher) -> None:
        """A web server without git hands out files, and git fetching from it would try to fetch what it lacks, without
        end. It tells where it is asked for a depth."""
        try:
            fetcher.fetch(f"+HEAD*:{HEAD}*", options=("--depth=1", f"--filter={Depth.TIPS.filter}"))
        except RemoteFailed as error:
            if FILES_ALONE in error.output:
                raise

    def _is_whole(self) -> bool:
        """Whether what refs point at is here. Git would try to fetch it, and for that to fetch it, without end."""
        return not Runner(self._folder).run("for-each-ref", "--format=%(objecttype)", allowed=range(256)).code

    def _create(self, form: str) -> None:
        """Begin anew, with objects named by this hash."""
        make(self._folder, form)
        self.git = ViewGit(self._folder, self._variables)

    def _fetch(self, fetcher: Fetcher, model: str | None, *, notes: bool) -> None:
        sources = _sources(self._depth, model, notes=notes)
        # A pattern may match nothing, where a name would have to be there.
        refspecs = [f"+HEAD*:{HEAD}*", *(f"+{source}:{source}" for source in sources)]
        options = ["--prune", f"--filter={self._depth.filter}"]
        one, everything = self._note(f"tags of {model}"), self._note(f"tags of {None}")
        if self._depth is Depth.TIPS:
            if (one.exists() or everything.exists()) and self._unchanged(fetcher, refspecs, options):
                return
            options.append("--depth=1")
        if model is None and not everything.exists():
            _or_all(options, lambda options: take_in_bulk(fetcher, self._folder, sources, options))
        _or_all(options, lambda options: fetcher.fetch(*refspecs, options=options))
        _touch(one)
        self._tidy()

    def _unchanged(self, fetcher: Fetcher, refspecs: Sequence[str], options: Sequence[str]) -> bool:
        """Whether all that is asked for is here already, which costs the server a list of the model's refs.

        Asked with a depth, git would have it compute and send a pack each time; without one, a new commit would come
        with its history. So it is asked without, where no pack can be written: then what is new makes git fail.
        """
        try:
            fetcher.only_looking(self._folder / CLOSED).fetch(*refspecs, options=options)
        except RemoteFailed:
            return False
        return True

    def _tidy(self) -> None:
        """Keep git fast, where much has come or many times something."""
        loose = (name for _, _, names in os.walk(self._folder / "refs") for name in names)
        if sum(1 for _ in islice(loose, MANY)) == MANY:
            self.git.run("pack-refs", "--all")
        if len(list((self._folder / "objects" / "pack").glob("*.pack"))) > _MANY_PACKS:
            self.git.run("repack", "-a", "-d", "--quiet")

    def _note(self, text: str) -> Path:
        """A file that is there once something was done, such as bringing the files of a commit."""
        return self._folder / "mreg" / "done" / sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def open_view(shelf: Shelf, address: Address, depth: Depth) -> View:
    """The view of a repository; where there is none yet, refreshing it makes it."""
    return View(shelf.use(address), address, depth)


def _sources(depth: Depth, model: str | None, *, notes: bool) -> list[str]:
    """The refs to ask for, as patterns."""
    tags, heads = (f"{model}{SEPARATOR}*", f"{model}@head*") if model else ("*", "*")
    annotations, branches = ["refs/notes/mreg*"], ["refs/heads/*"]
    return [
        f"refs/tags/{tags}",
        f"refs/mreg/{heads}",
        *(annotations if notes else []),
        *(branches if depth is Depth.HISTORY else []),
    ]


def _or_all(options: Sequence[str], fetch: Callable[[Sequence[str]], None]) -> None:
    """Fetch with a depth or, where the server knows of none, without."""
    try:
        fetch(options)
    except RemoteFailed as error:
        if _NO_DEPTH not in error.output or FILES_ALONE in error.output:
            raise
        fetch([option for option in options if not option.startswith("--depth")])


def _roots(objects: BlobReader, wanted: Sequence[Wanted]) -> list[tuple[str, Wanted]]:
    """The root trees of the commits that are here."""
    found = zip(objects.stream([files.commit for files in wanted]), wanted, strict=True)
    return [
        (commit[1].split(b"\n", 1)[0].removeprefix(b"tree ").decode(), files)
        for commit, files in found
        if commit and commit[0] == "commit"
    ]


def _complete(fetcher: Fetcher, objects: BlobReader, oids: Sequence[str]) -> None:
    known = zip(oids, objects.identify(oids), strict=True)
    missing = list(dict.fromkeys(oid for oid, found in known if found is None))
    try:
        if missing:
            fetcher.fetch_objects(missing)
    except RemoteFailed as error:
        if _LEFT_OUT not in error.output:
            raise
        # What lies in another of these folders as well, git's filter leaves out: each comes alone.
        for oid in missing:
            fetcher.fetch_objects([oid])


def _touch(file: Path) -> Path:
    with disk_errors("write", file):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return file
