"""From what a person typed to what is looked for, and to the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mreg.adapters.dvc.manifests import Found, find_members
from mreg.core.lineage import Target
from mreg.core.lineage.index import public
from mreg.core.lineage.links import EMPTY
from mreg.core.names import did_you_mean
from mreg.core.refs import UnknownModel, UnknownRef
from mreg.errors import RegistryError, UsageError
from mreg.usecases.impact.answer import OtherContent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mreg.adapters.git import BlobReader
    from mreg.core.lineage import Index
    from mreg.core.lineage.recorded import Recorded
    from mreg.usecases.impact.answer import Kind
    from mreg.usecases.impact.places import Places
    from mreg.usecases.workspace import Workspace

_HASH = re.compile(r"(?:(?P<name>md5|sha256|etag):)?(?P<value>[0-9a-f]{8,64}(?:\.dir)?)")
_MD5_DIGITS = 32
_NAMED = 3  # folders that a sentence names


class NothingKnown(RegistryError):
    """What was asked about is neither here nor in the papers of any version."""

    def __init__(self, *, what: str, near: str, missing: int = 0) -> None:
        super().__init__(f"nothing is known of {what}: it is no file here, no version, and no hash that was recorded")
        self.what, self.missing = what, missing
        unseen = "the manifests of some folders are not in the local DVC cache: dvc fetch, then ask again"
        self.hint = unseen if missing else near or "ask with --at REV about a path that was there then"


class NothingAsked(UsageError):
    """No name, such as a shell makes of a variable that has no value."""

    hint = "name a file, a hash, a version or a URI; `.` is the whole folder"

    def __init__(self) -> None:
        super().__init__("what to look for is empty")


class AmbiguousHash(UsageError):
    """Several hashes begin so."""

    hint = "type more of its digits"

    def __init__(self, *, what: str, matches: Collection[str]) -> None:
        shown = sorted(matches)[:4]
        super().__init__(f"{len(matches)} hashes begin with {what}: {', '.join(shown)}")
        self.what, self.matches = what, shown


class OnlyPaths(UsageError):
    """A revision was given for what has no content of its own there."""

    hint = "leave --at out, or name a path"

    def __init__(self, *, what: str) -> None:
        super().__init__(f"--at says where a path's content is taken from, and {what} is no path")
        self.what = what


@dataclass(kw_only=True)
class Asked:
    """What a question is about.

    Attributes:
        path: The path that was named, relative to the root; None where it was something else.
        contents: What is looked for: hash → what it is called.
        objects: Path → Git's id of its content.
        chains: Hash → how a chain from it begins; those of folders that hold a content are among them.
    """

    kind: Kind
    path: str | None = None
    contents: dict[str, str] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)
    versions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unknown: list[str] = field(default_factory=list)

    def target(self, members: dict[str, tuple[str, ...]]) -> Target:
        """What the core is to look for."""
        return Target(contents=self.chains, versions=self.versions, names=self.names, members=members)


class Question:
    """What people type, tried as one thing after the other."""

    def __init__(
        self, workspace: Workspace, index: Index, recorded: Recorded, places: Places, *, at: str | None
    ) -> None:
        self._workspace, self._index, self._recorded = workspace, index, recorded
        self._places, self._at = places, at

    def understand(self, what: str) -> Asked:
        """What is asked about: a name outside, a version, a path, a hash, or a model's latest version.

        Raises:
            NothingKnown: None of these.
            NothingAsked: It is empty.
            AmbiguousHash, OnlyPaths, UnknownRef: As they say.
        """
        if not what.strip():  # as a shell's variable without a value is
            raise NothingAsked()
        asked = self._named(what) or self._hash(what) or self._path(what) or self._member(what) or self._version(what)
        if asked is None:
            known = [*self._recorded.uses, *{dossier.model for dossier in self._index.dossiers.values()}]
            if not _HASH.fullmatch(what.casefold()):
                raise NothingKnown(what=what, near=did_you_mean(what, known))
            near = "check its digits, or ask about the file itself"
            raise NothingKnown(what=what, near=near, missing=len(self._search([what]).missing))
        if self._at is not None and asked.kind != "path":
            raise OnlyPaths(what=what)
        self._add_folders(asked)
        return asked

    def _named(self, what: str) -> Asked | None:
        if "://" in what or what.startswith("hf:"):
            what, known = public(what), self._recorded.externals(self._index)
            if any(name == what or name.rpartition("@")[0] == what for name in known):
                return Asked(kind="external", names=(what,))
            raise NothingKnown(what=what, near=did_you_mean(what, known))
        try:
            return self._version(what) if "@" in what else None
        except UnknownRef:  # of a model that there is; but it may be a path such as icons@2x/a.png
            if asked := self._path(what):
                return asked
            raise

    def _version(self, what: str) -> Asked | None:
        try:
            _, state, version = self._workspace.version(what)
        except (UsageError, UnknownModel):
            return None
        ref = f"{state.model}@v{version.version}"
        content = self._index.published(ref)
        chains = {content: (ref,)} if content and content not in EMPTY else {}
        return Asked(kind="version", versions=(ref,), contents=dict.fromkeys(chains, ref), chains=dict(chains))

    def _path(self, what: str) -> Asked | None:
        found = self._places.find(what, self._recorded.uses)
        if found is None:
            return None
        path, held = found
        asked = Asked(kind="path", path=path, objects=held.objects, unknown=held.unknown)
        for content, label in held.hashes.items():
            if content in EMPTY:
                asked.unknown.append(f"{label} is empty, so its content does not tell what used it")
            else:
                asked.contents[content], asked.chains[content] = label, (label,)
        return asked

    def _hash(self, what: str) -> Asked | None:
        typed, recorded = _HASH.fullmatch(what.casefold()), self._recorded
        known = {*recorded.paths, *recorded.digests} if typed else ()
        matches = [content for content in known if typed and _begins(content, typed["name"], typed["value"])]
        if len(matches) > 1:
            raise AmbiguousHash(what=what, matches=matches)
        if not matches:
            return None
        # A card may name an artifact, too, by its SHA-256: as data.
        contents = {recorded.digests.get(matches[0], matches[0]), matches[0]}
        label = next(recorded.paths[content] for content in contents if content in recorded.paths)
        return _of_hashes(dict.fromkeys(sorted(contents), label))

    def _member(self, what: str) -> Asked | None:
        """A hash that no version's papers have: of a file in a folder, or of one that only DVC's cache knows."""
        typed = _HASH.fullmatch(what.casefold())
        if typed is None or typed["name"] not in (None, "md5"):
            return None
        begin = typed["value"]
        found = self._search([begin])
        labels = {f"md5:{m.md5}": f"{self._recorded.folders[f'md5:{m.folder}']}/{m.path}" for m in found.members}
        if len(labels) > 1:
            raise AmbiguousHash(what=what, matches=labels)
        cache = self._places.cache
        if not labels and len(begin) == _MD5_DIGITS and cache and cache.find("md5", begin):
            labels = {f"md5:{begin}": begin}
        return _of_hashes(labels) if labels else None

    def _add_folders(self, asked: Asked) -> None:
        """Look for what is asked about in the folders that versions used, as far as their manifests are here."""
        md5s = {content.removeprefix("md5:"): label for content, label in asked.contents.items() if _is_file(content)}
        if not md5s or asked.kind == "version":
            return
        found = self._search(md5s)
        for member in found.members:
            folder = f"md5:{member.folder}"
            asked.chains.setdefault(folder, (md5s[member.md5], self._recorded.folders[folder]))
        if found.missing:
            asked.unknown.append(self._unseen(found.missing))

    def _search(self, md5s: Collection[str]) -> Found:
        folders = [content.removeprefix("md5:") for content in self._recorded.folders if content.startswith("md5:")]
        cache = self._places.cache
        return find_members(cache, folders, md5s) if cache else Found((), tuple(folders))

    def _unseen(self, missing: Sequence[str]) -> str:
        folders = self._recorded.folders
        shown = ", ".join(f"{folders[f'md5:{name}']} (md5 {name[:10]})" for name in missing[:_NAMED])
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        return f"manifests are not in the local DVC cache, so whether it is in {shown}{more} is not known: dvc fetch"

    def members(self, asked: Asked, blobs: BlobReader) -> dict[str, tuple[str, ...]]:
        """Version → the way from a file with this content into a folder that Git tracks and a step used as a whole."""
        inside = [
            (ref, path, folder)
            for folder, refs in self._recorded.code_folders.items()
            for path in asked.objects
            if path.startswith(f"{folder}/")
            for ref in refs
        ]
        names = [f"{self._index.dossiers[ref].state.commit}:{path}" for ref, path, _ in inside]
        return {
            ref: (path, folder)
            for (ref, path, folder), found in zip(inside, blobs.identify(names), strict=True)
            if found and found.oid == asked.objects[path]
        }

    def others(self, asked: Asked) -> Iterator[OtherContent]:
        """Other contents of the path that was asked about, or of what lies in it, that versions were made from."""
        if asked.path is None:
            return
        order = {ref: position for position, ref in enumerate(self._index.dossiers)}
        for path, uses in self._recorded.uses.items():
            if path == asked.path or not asked.path or path.startswith(f"{asked.path}/"):
                for content, refs in uses.items():
                    if content not in asked.contents:
                        yield OtherContent(path, content, tuple(sorted(refs, key=order.__getitem__)))


def _of_hashes(contents: dict[str, str]) -> Asked:
    asked = Asked(kind="hash", contents=contents)
    asked.chains.update((content, (label,)) for content, label in contents.items())
    return asked


def _begins(content: str, name: str | None, begin: str) -> bool:
    algorithm, _, value = content.partition(":")
    return name in (None, algorithm) and value.startswith(begin)


def _is_file(content: str) -> bool:
    return content.startswith("md5:") and not content.endswith(".dir")
