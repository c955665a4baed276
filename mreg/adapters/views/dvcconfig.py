"""What of another repository's DVC configuration is used here: which remotes there are, and nothing else.

A `.dvc/config` can move caches and name files of this machine. Of one that came with a URL, only `core.remote` and the
sections of remotes count, and only remotes that are no folder of this machine, unless the repository itself is one.

Source: dvc.config, dvc.config_schema
"""

from __future__ import annotations

import configparser
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mreg.adapters.views.address import Address

# What DVC takes any other scheme for is a folder of this machine.
_NETWORK = (
    *("s3", "gs", "ssh", "hdfs", "webhdfs", "azure", "oss"),
    *("gdrive", "http", "https", "webdav", "webdavs", "remote"),
)
_SCHEME = re.compile(r"(\w+)://")
_SECTION = re.compile(r"""['"]?remote\s*["'](?P<name>[^"']+)["']['"]?""", re.IGNORECASE)
# Files that can say which program gives a password.
_PROGRAMS = ("configpath", "credentialpath")
_OBJECTS_BY_VERSION = ("version_aware", "worktree")
_TRUE = "true"


class UnreadableConfiguration(RegistryError):
    """The repository's DVC configuration is not what DVC writes."""

    def __init__(self, *, url: str, file: str, problem: str) -> None:
        super().__init__(f"{url}: {file} cannot be read: {problem}")
        self.url, self.file, self.problem = url, file, problem
        self.hint = "repair it in the repository: dvc config --list tells what DVC makes of it"


class UnusableRemote(RegistryError):
    """The DVC remote of a repository cannot be used without a clone of the repository."""

    def __init__(self, *, url: str, remote: str, problem: str) -> None:
        super().__init__(f"the DVC remote {remote} of {url} cannot be used from here: {problem}")
        self.url, self.remote, self.problem = url, remote, problem
        self.hint = "clone the repository, and run the command in the clone"


@dataclass(frozen=True, slots=True, kw_only=True)
class DvcSettings:
    """The remotes of a DVC repository.

    Attributes:
        url: The Git repository's, without credentials.
        default: The remote for artifacts that name none.
        remotes: Their settings by name.
        refused: Remotes that cannot be used here, and why.
        relative: Remotes whose URL is a relative path, and that path.
    """

    url: str
    default: str | None
    remotes: Mapping[str, Mapping[str, str]]
    refused: Mapping[str, str]
    relative: Mapping[str, str]

    def check(self, remote: str | None) -> None:
        """Refuse an artifact's remote that cannot be used.

        Args:
            remote: Its name; None is the default.

        Raises:
            UnusableRemote: It is one of those.
        """
        name = (remote or self.default or "").lower()
        if name in self.refused:
            raise UnusableRemote(url=self.url, remote=name, problem=self.refused[name])

    def doubt(self, remote: str | None, file: str) -> str:
        """What may be wrong with an artifact's remote that lacks the artifact.

        Args:
            remote: Its name; None is the default.
            file: The configuration, relative to the repository's root.
        """
        name = (remote or self.default or "").lower()
        if name not in self.relative:
            return ""
        return (
            f"{self.relative[name]}, the URL of {name} in {file}, is relative, and was taken to mean "
            f"{self.remotes[name]['url']}: if it is elsewhere, give the remote an absolute path "
            f"(dvc remote modify {name} url PATH), and push that; if not, "
        )

    def text(self, cache: str) -> str:
        """A `.dvc/config` that says this, and has DVC keep objects in a folder of ours."""
        core = ["[core]", "no_scm = true", *([f"remote = {self.default}"] if self.default else [])]
        lines = [*core, "[cache]", f"dir = {cache}"]
        for name, values in self.remotes.items():
            lines += [f"['remote \"{name}\"']", *(f"{key} = {_quoted(value)}" for key, value in values.items())]
        return "\n".join(lines) + "\n"


def read_dvc_settings(data: bytes, address: Address, *, file: str) -> DvcSettings:
    """What a repository's `.dvc/config` says about remotes.

    Args:
        data: The file.
        address: The repository's.
        file: Where it lies, relative to the repository's root.

    Raises:
        UnreadableConfiguration: It is not of the form that DVC writes.
    """
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#",), strict=False)
    try:
        parser.read_string(data.decode())
    except (UnicodeDecodeError, configparser.Error) as error:
        problem = str(error).partition("\n")[0]
        raise UnreadableConfiguration(url=address.shown, file=file, problem=problem) from error
    remotes: dict[str, Mapping[str, str]] = {}
    refused: dict[str, str] = {}
    relative: dict[str, str] = {}
    default = ""
    for section in parser.sections():
        values = {key: _unquoted(value) for key, value in parser[section].items()}
        if section.lower() == "core":
            default = values.get("remote", default).lower()
        elif named := _SECTION.fullmatch(section):
            name = named["name"].lower()
            why = _problem(values, address)
            if why is not None:
                refused[name] = why
            else:
                url = _resolved(values["url"], address, file)
                remotes[name] = {**values, "url": url}
                if url != values["url"]:
                    relative[name] = values["url"]
    return DvcSettings(url=address.shown, default=default or None, remotes=remotes, refused=refused, relative=relative)


def _problem(values: Mapping[str, str], address: Address) -> str | None:
    """Why a remote cannot be used here."""
    url = values.get("url", "")
    if not url:
        return "it has no URL"
    if any('"' in value and "'" in value for value in values.values()) or "\n" in "".join(values.values()):
        return "its settings cannot be written down"
    if any(values.get(key, "").lower() == _TRUE for key in _OBJECTS_BY_VERSION):
        return "it keeps files by cloud versions, which only DVC itself can fetch"
    if address.folder is None:
        scheme = _SCHEME.match(url)
        if scheme is None or scheme[1].lower() not in _NETWORK:
            return f"it is a folder of another machine, {url}"
        if files := [key for key in _PROGRAMS if key in values]:
            return f"{files[0]} names a file of this machine"
    return None


def _resolved(url: str, address: Address, file: str) -> str:
    """A remote's URL as it is to be written elsewhere: a relative path begins at the configuration that names it."""
    if address.root is None or _SCHEME.match(url) or Path(url).expanduser().is_absolute():
        return url
    return os.path.normpath(address.root / Path(file).parent / url)


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _quoted(value: str) -> str:
    return f"'{value}'" if '"' in value else f'"{value}"'
