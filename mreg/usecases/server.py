"""The hook that protects a registry on its server: a shell script in a bare repository, which needs no Python there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Literal, NamedTuple

from mreg.adapters.files import disk_errors, write_atomic
from mreg.adapters.git import Git, GitFailed, NotARepository
from mreg.adapters.git.repository import NoSuchFolder
from mreg.adapters.templates import read_template
from mreg.core.events import ARCHIVED, NONE, PRODUCTION, STAGING
from mreg.errors import RegistryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

Outcome = Literal["installed", "replaced", "unchanged"]

NAME, ASIDE = "update", "mreg-update"
_MARKER = re.compile(r"^# mreg update hook, version ([0-9]{1,6})$", re.MULTILINE)
_CALL = f'"$(dirname "$0")/{ASIDE}" "$@" || exit 1'
_COMMENT = re.compile(r"(^|[ \t])#.*", re.MULTILINE)
_LABEL = re.compile(r"@v.*-([a-z][a-z0-9_]*)(\.[0-9]+)?$")

# What may be signed without that any tag has it: the stages that are built in, all of them, and registrations.
_COMMON = frozenset({NONE, STAGING, PRODUCTION, ARCHIVED, "*", "register"})


class NoSuchServer(UsageError):
    """The folder named with --server does not exist."""

    hint = "check the path given with --server"

    def __init__(self, *, path: Path) -> None:
        super().__init__(f"there is no folder {path}")
        self.path = str(path)


class NotBare(UsageError):
    """A hook on a server belongs into a bare repository."""

    hint = "name the repository that people push to, such as /srv/git/models.git"

    def __init__(self, *, path: Path) -> None:
        super().__init__(f"{path} is not a bare repository")
        self.path = str(path)


class OtherHook(RegistryError):
    """The repository has an update hook of its own, which does not call ours."""

    def __init__(self, *, hook: Path, ours: Path) -> None:
        super().__init__(f"{hook} is a hook of your own: it was left alone, and mreg's is {ours}")
        self.hook, self.ours = str(hook), str(ours)
        self.hint = f"add this line to yours, before its last exit, and run the same command again: {_CALL}"


class HookNotRun(RegistryError):
    """The repository's own hook calls ours, and git does not run it."""

    def __init__(self, *, hook: Path, ours: Path) -> None:
        super().__init__(f"{hook} is not executable: Git does not run it, nor {ours}, which it calls")
        self.hook, self.ours = str(hook), str(ours)
        self.hint = f"chmod +x {quote(str(hook))}, and run the same command again"


class NeitherTrueNorFalse(RegistryError):
    """A setting in the server's repository, with which the hook accepts nothing."""

    def __init__(self, *, key: str, value: str, folder: Path) -> None:
        super().__init__(f"{key} is {value} in {folder}: it must be true or false, or the hook accepts no tag")
        self.key, self.value, self.folder = key, value, str(folder)
        self.hint = f"git -C {quote(str(folder))} config {key} true (or false), and run the same command again"


class NewerHook(RegistryError):
    """The hook that is there was written by a newer mreg."""

    hint = "install that mreg, or a newer one, and run the same command again"

    def __init__(self, *, hook: Path, version: int, own: int) -> None:
        super().__init__(f"{hook} is version {version} of mreg's hook, newer than this mreg's, which is version {own}")
        self.hook, self.version, self.own = str(hook), version, own


@dataclass(frozen=True, slots=True, kw_only=True)
class HookInstalled:
    """What was done, and what the hook demands as the repository is configured.

    Attributes:
        hook: The file that was written, or that was so already.
        version: Of the hook.
        called_by: The repository's own hook, where that calls ours; otherwise git does.
        signed: What `mreg.signed` says.
        protected: What only a signed tag may change: that, or else the stages that the signers are listed for.
        signers: The file of who may do it.
        strict: Whether tags that mreg did not write are refused.
        notices: Settings that leave a hole, or let nobody in.
    """

    hook: Path
    version: int
    outcome: Outcome
    called_by: Path | None
    signed: tuple[str, ...]
    protected: tuple[str, ...]
    signers: Path | None
    strict: bool
    notices: tuple[str, ...]


def install_hook(path: Path) -> HookInstalled:
    """Write the `update` hook into a bare repository. Twice is as once; an older one of ours is replaced.

    A hook of somebody else's is left alone: ours is written beside it, for that one to call.

    Raises:
        NoSuchServer, NotBare: The path is no bare repository.
        NeitherTrueNorFalse: A setting there must be one of the two.
        OtherHook: There is another `update` hook, and it does not call ours.
        HookNotRun: It calls ours, and git does not run it.
        NewerHook: Ours is there, from a newer mreg.
        DiskFailure, GitFailed: As they say.
    """
    git = _bare(path)
    strict = _strict(git)
    folder = git.git_dir / git.run("rev-parse", "--git-path", "hooks").text  # which knows core.hooksPath
    main = folder / NAME
    own = _read(main) if main.is_symlink() or main.exists() else None
    foreign = own is not None and not _MARKER.search(own)
    hook = folder / ASIDE if foreign else main
    outcome = _write(hook)
    if foreign and ASIDE not in _COMMENT.sub("", own or ""):
        raise OtherHook(hook=main, ours=hook)
    if foreign and not os.access(main, os.X_OK):
        raise HookNotRun(hook=main, ours=hook)
    notices = list(_doubts(main, own or "")) if foreign else []
    signed = tuple(" ".join(git.config_all("mreg.signed")).replace(",", " ").split())
    signers = _signers(git)
    lines = _read_signers(signers) if signers and signers.is_file() else []
    return HookInstalled(
        hook=hook,
        version=_version(_read(hook)),
        outcome=outcome,
        called_by=main if foreign else None,
        signed=signed,
        protected=signed or tuple(dict.fromkeys(line.stage for line in lines)) or (("*",) if signers else ()),
        signers=signers,
        strict=strict,
        notices=(*notices, *_holes(git, hook, signed, signers), *_typos(git, signed, signers, lines)),
    )


def _bare(path: Path) -> Git:
    try:
        git = Git(path)
    except NoSuchFolder as error:
        raise NoSuchServer(path=path) from error
    except NotARepository as error:
        raise NotBare(path=path) from error
    if not git.bare:
        raise NotBare(path=path)
    return git


def _strict(git: Git) -> bool:
    try:
        return git.config_bool("mreg.strict")
    except GitFailed as error:
        value = git.config("mreg.strict") or ""
        raise NeitherTrueNorFalse(key="mreg.strict", value=value, folder=git.git_dir) from error


def _read(path: Path) -> str:
    with disk_errors("read", path):
        return path.read_bytes().decode("utf-8", "replace")


def _version(text: str) -> int:
    marked = _MARKER.search(text)
    return int(marked[1]) if marked else 0


def _write(hook: Path) -> Outcome:
    text = read_template(f"hooks/{NAME}")
    before = _read(hook) if hook.exists() else None
    if before is not None and _version(before) > _version(text):
        raise NewerHook(hook=hook, version=_version(before), own=_version(text))
    if before != text:
        with disk_errors("make", hook.parent):
            hook.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(hook, text.encode())
    with disk_errors("write", hook):
        hook.chmod(hook.stat().st_mode | 0o555)
    return "installed" if before is None else "unchanged" if before == text else "replaced"


def _doubts(main: Path, text: str) -> Iterator[str]:
    if _CALL not in map(str.strip, text.splitlines()):
        yield f"{main} does not call it by the line {_CALL}: make sure that it refuses what that one refuses"


def _signers(git: Git) -> Path | None:
    configured = git.run("config", "--type=path", "--get", "--", "mreg.signers", allowed=(0, 1)).text
    return git.git_dir / configured if configured else None


class _Line(NamedTuple):
    """A line of the file of signers, by its number; an empty principal is not there."""

    number: int
    stage: str
    principal: str


def _read_signers(path: Path) -> list[_Line]:
    """The lines that say something, read as the hook reads them."""
    found = []
    for number, line in enumerate(_COMMENT.sub("", _read(path)).split("\n"), 1):
        stage, _, principal = line.strip().replace("\t", " ").partition(" ")
        if stage:
            found.append(_Line(number, stage, principal.strip()))
    return found


def _holes(git: Git, hook: Path, signed: tuple[str, ...], signers: Path | None) -> list[str]:
    holes = []
    if git.git_dir not in hook.resolve().parents:
        holes.append(f"{hook.parent} is where core.hooksPath points: every repository that names it has this hook now")
    if not signed and signers is None:
        holes.append(
            f"whoever may push may promote; to demand signatures: git -C {git.git_dir} config mreg.signed production"
        )
    elif signers is not None and not signers.is_file():
        holes.append(
            f"mreg.signers names {signers}, which is no file: until it is one, no tag of a registry is accepted"
        )
    elif not git.config("gpg.ssh.allowedSignersFile"):
        holes.append("gpg.ssh.allowedSignersFile is not set: no signature by an SSH key is good here")
    return holes


def _typos(git: Git, signed: tuple[str, ...], signers: Path | None, lines: list[_Line]) -> Iterator[str]:
    """What the settings say that protects nothing, or lets nobody in."""
    for line in lines:
        where = f"line {line.number} of {signers}"
        if not line.principal:
            yield f"{where} names nobody: write who may change {line.stage}, as {line.stage} ada@example.com"
        elif " " in line.principal and not line.principal.endswith(">"):
            yield f"{where} names one signer, {line.principal}: if these are several, write a line for each"
    listed = tuple(dict.fromkeys(line.stage for line in lines))
    known = _COMMON | _labels(git)
    for stage in dict.fromkeys((*signed, *listed)):
        where = "mreg.signed" if stage in signed else str(signers)
        if stage not in known:
            yield f"{where} names {stage}, a stage that no tag here has yet: see that it is spelled right"
        elif signed and "*" not in signed and stage not in (*signed, "*", "register"):
            yield f"{signers} names {stage}, but mreg.signed does not: whoever may push may change it"


def _labels(git: Git) -> frozenset[str]:
    """The stages and aliases in names of tags."""
    tags = git.run("for-each-ref", "--format=%(refname)", "refs/tags").text.splitlines()
    return frozenset(found[1] for found in map(_LABEL.search, tags) if found)
