"""The files that say which packages are needed, and the packages in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

_LOCKS = ("poetry.lock", "uv.lock", "pdm.lock", "pylock.toml")
_CONDA_LOCKS = ("conda-lock.yml", "*.conda-lock.yml")
_ENVIRONMENTS = ("environment.yml", "environment.yaml", "conda.yaml")
_REQUIREMENTS = ("requirements*.txt", "*requirements.txt", "constraints*.txt")
_OTHERS = ("Pipfile.lock", "pyproject.toml", "Dockerfile", "Dockerfile.*", "*.Dockerfile", "conda-*.lock")
PATTERNS = (*_REQUIREMENTS, *_LOCKS, *_CONDA_LOCKS, *_ENVIRONMENTS, *_OTHERS)

FOLDER = "requirements"
"""A folder whose text files are requirements, whatever they are called."""

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
# Name, extras, then what is asked of the version; a marker or a comment ends it.
_REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)", re.ASCII)
_CONDA = re.compile(r"([\w.:/-]+?)\s*([=<>!~ ].*)?", re.ASCII)
_CONDA_FILE = re.compile(r"/([^/]+)-([^/-]+)-[^/-]+\.(?:conda|tar\.bz2)")
_FROM = re.compile(r"FROM\s+(?:--\S+\s+)*(\S+)", re.IGNORECASE)


class UnreadableEnvironment(ValueError):
    """The file is not what its name says."""


def is_environment(path: str) -> bool:
    """Whether a file of this path says which packages are needed."""
    folder, _, name = path.rpartition("/")
    return _matches(name, PATTERNS) or (folder.rpartition("/")[2] == FOLDER and name.endswith(".txt"))


def is_yaml(path: str) -> bool:
    """Whether the file is YAML: to be given to `read_packages` as what it holds."""
    return path.endswith((".yml", ".yaml"))


def read_packages(path: str, content: Any) -> dict[str, str]:
    """The packages that a file asks for, each with its version or with what is asked of it.

    Args:
        path: The file, one of `is_environment`.
        content: Its text or, of a YAML file, what it holds.

    Raises:
        UnreadableEnvironment: It is not what its name says.
    """
    name = path.rpartition("/")[2]
    try:
        if _matches(name, _CONDA_LOCKS):
            return _merged((item["name"], item["version"]) for item in content["package"])
        if is_yaml(path):
            return _merged(_conda_environment(content.get("dependencies") or []))
        return _merged(_of_text(name, content))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableEnvironment(str(error)) from error


def _of_text(name: str, text: str) -> Iterator[tuple[str, str]]:
    import tomllib  # here, since it is seldom needed and takes some milliseconds

    if name in _LOCKS:
        locked = tomllib.loads(text)
        return ((item["name"], item.get("version", "")) for item in locked.get("package", locked.get("packages", [])))
    if name == "pyproject.toml":
        return _pyproject(tomllib.loads(text))
    if name == "Pipfile.lock":
        return _pipfile(json.loads(text))
    if "dockerfile" in name.lower():
        return _images(text)
    if name.endswith(".lock"):
        return ((match[1], match[2]) for match in _CONDA_FILE.finditer(text))
    return _requirements(text)


def _merged(found: Iterator[tuple[str, str]]) -> dict[str, str]:
    """By name as package indexes write it; several versions of one package, as for several platforms, joined."""
    merged: dict[str, dict[str, None]] = {}
    for name, version in found:
        plain = re.sub(r"[-_.]+", "-", name).lower() if _NAME.fullmatch(name) else name
        merged.setdefault(plain, {})[version] = None
    return {name: ", ".join(filter(None, versions)) for name, versions in merged.items()}


def _requirements(text: str) -> Iterator[tuple[str, str]]:
    for line in text.replace("\\\n", " ").splitlines():
        bare = re.sub(r"(^|\s)#.*", "", line)
        bare = re.sub(r"\s--hash[=\s]\S+", "", bare).strip()
        if bare.startswith("-") or "://" in bare.partition("@")[0]:
            yield bare, ""
        elif bare:
            yield _requirement(bare)


def _requirement(text: str) -> tuple[str, str]:
    """`numpy[extra]==1.26 ; python_version < "3.12"` → numpy, 1.26 with its marker."""
    match = _REQUIREMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r:.60} is no requirement")
    wanted, semicolon, marker = match[2].strip("() ").partition(";")
    version = re.sub(r"^===?\s*(?=[^,*]+$)", "", wanted.strip())
    return match[1], version + (f" ; {marker.strip()}" if semicolon else "")


def _pyproject(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    project = tree.get("project", {})
    if "requires-python" in project:
        yield "python", project["requires-python"]
    groups = (*project.get("optional-dependencies", {}).values(), *tree.get("dependency-groups", {}).values())
    for group in (project.get("dependencies", []), *groups):
        yield from (_requirement(item) for item in group if isinstance(item, str))
    poetry = tree.get("tool", {}).get("poetry", {})
    tables = (poetry, *poetry.get("group", {}).values())
    for name, wanted in (pair for table in tables for pair in table.get("dependencies", {}).items()):
        yield name, str(wanted.get("version", "")) if isinstance(wanted, dict) else str(wanted)


def _pipfile(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for group in ("default", "develop"):
        for name, locked in tree.get(group, {}).items():
            yield name, str(locked.get("version", locked.get("ref", ""))).removeprefix("==")


def _conda_environment(dependencies: list[Any]) -> Iterator[tuple[str, str]]:
    for item in dependencies:
        if isinstance(item, dict):
            yield from _requirements("\n".join(item.get("pip") or []))
        elif match := _CONDA.fullmatch(item.strip()):
            yield match[1].rpartition("::")[2], (match[2] or "").strip().lstrip("= ")


def _images(text: str) -> Iterator[tuple[str, str]]:
    """The images that a Dockerfile starts from; one that is named by a variable is kept as it is."""
    for match in map(_FROM.match, text.splitlines()):
        if match:
            image, at, digest = match[1].partition("@")
            name, colon, tag = image.rpartition(":")
            plain = not colon or "/" in tag
            yield f"FROM {image if plain else name}", ("" if plain else tag) + at + digest


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
