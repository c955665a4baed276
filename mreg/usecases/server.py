"""The hook that protects a registry on its server: a shell script in a bare repository, which needs no Python there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mreg.adapters.files import disk_errors, write_atomic
from mreg.adapters.git import Git, NotARepository
from mreg.adapters.templates import read_template
from mreg.errors import RegistryError, UsageError

Outcome = Literal["installed", "replaced", "unchanged"]

NAME, ASIDE = "update", "mreg-update"
_MARKER = re.compile(r"^# mreg update hook, version ([0-9]{1,6})$", re.MULTILINE)
_CALL = f'"$(dirname "$0")/{ASIDE}" "$@" || exit 1'


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
        signed: What only a signed tag may do; see the hook's own comments.
        signers: The file of who may do it.
        strict: Whether tags that mreg did not write are refused.
        notices: Settings that leave a hole, or let nobody in.
    """

    hook: Path
    version: int
    outcome: Outcome
    called_by: Path | None
    signed: tuple[str, ...]
    signers: Path | None
    strict: bool
    notices: tuple[str, ...]


def install_hook(path: Path) -> HookInstalled:
    """Write the `update` hook into a bare repository. Twice is as once; an older one of ours is replaced.

    A hook of somebody else's is left alone: ours is written beside it, for that one to call.

    Raises:
        NotBare: The path is no bare repository.
        OtherHook: There is another `update` hook, and it does not call ours.
        NewerHook: Ours is there, from a newer mreg.
        DiskFailure, GitFailed: As they say.
    """
    git = _bare(path)
    folder = git.git_dir / git.run("rev-parse", "--git-path", "hooks").text  # which knows core.hooksPath
    main = folder / NAME
    own = _read(main) if main.is_symlink() or main.exists() else None
    foreign = own is not None and not _MARKER.search(own)
    hook = folder / ASIDE if foreign else main
    outcome = _write(hook)
    if foreign and ASIDE not in (own or ""):
        raise OtherHook(hook=main, ours=hook)
    return _installed(git, hook, outcome, main if foreign else None)


def _bare(path: Path) -> Git:
    try:
        git = Git(path)
    except NotARepository as error:
        raise NotBare(path=path) from error
    if not git.bare:
        raise NotBare(path=path)
    return git


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


def _installed(git: Git, hook: Path, outcome: Outcome, called_by: Path | None) -> HookInstalled:
    signed = tuple(" ".join(git.config_all("mreg.signed")).replace(",", " ").split())
    configured = git.run("config", "--type=path", "--get", "--", "mreg.signers", allowed=(0, 1)).text
    signers = git.git_dir / configured if configured else None
    return HookInstalled(
        hook=hook,
        version=_version(_read(hook)),
        outcome=outcome,
        called_by=called_by,
        signed=signed,
        signers=signers,
        strict=git.config_bool("mreg.strict"),
        notices=tuple(_holes(git, hook, signed, signers)),
    )


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
