"""Small structured files that people and training scripts write, as one mapping: JSON, YAML, TOML, Python literals."""

from __future__ import annotations

import ast
import codecs
import json
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import Any, NoReturn

from mreg.adapters.files import disk_errors
from mreg.errors import RegistryError, UsageError

MAX_BYTES = 16 << 20

Parser = Callable[[str, str], dict[str, Any]]


class UnreadableFormat(UsageError):
    """The file's extension names no format that is read here."""

    def __init__(self, *, file: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{file}: the extension says no format that is read here")
        self.file, self.known = file, known
        self.hint = f"name a file that ends in {', '.join(known[:-1])} or {known[-1]}"


class BrokenFile(RegistryError):
    """A structured file cannot be understood."""

    def __init__(self, *, file: str, problem: str, hint: str = "") -> None:
        super().__init__(f"{file}: {problem}")
        self.file, self.problem = file, problem
        self.hint = hint or "repair the file, or write it again"


def is_structured(path: PurePath, *, python: bool = False) -> bool:
    """Whether a file's extension is one that `read_structured` reads."""
    return path.suffix.lower() in _suffixes(python)


def read_structured(path: Path, *, python: bool = False) -> dict[str, Any]:
    """The mapping in a file, by its extension. An empty YAML file is an empty mapping.

    Args:
        path: As the person gave it: errors name it so.
        python: Whether a `.py` file is read too, as DVC does for parameters: its literals, never by running it.

    Raises:
        UnreadableFormat: Another extension.
        DiskFailure: It is missing or cannot be read.
        BrokenFile, YamlFault: Over 16 MiB, not UTF-8, not its format, a duplicate key, NaN or infinity, no mapping.
    """
    if not is_structured(path, python=python):
        raise UnreadableFormat(file=str(path), known=_suffixes(python))
    with disk_errors("read", path), path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    return parse_structured(data, str(path))


def parse_structured(data: bytes, file: str) -> dict[str, Any]:
    """The mapping in the bytes of a file of a name that `is_structured`; raises as `read_structured` does."""
    try:
        return _PARSERS[PurePath(file).suffix.lower()](_decoded(data, file), file)
    except (RecursionError, MemoryError) as error:
        raise BrokenFile(file=file, problem="nested too deeply") from error


def _suffixes(python: bool) -> tuple[str, ...]:
    return tuple(suffix for suffix in _PARSERS if python or suffix != ".py")


def _decoded(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        problem = f"larger than the {MAX_BYTES >> 20} MiB that are read"
        raise BrokenFile(file=file, problem=problem, hint="name the file of final values, not the log of a run")
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        problem = f"the byte 0x{error.object[error.start]:02x} is not UTF-8"
        raise BrokenFile(file=file, problem=problem, hint="save the file as UTF-8") from error


def _json(text: str, file: str) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        tree = dict(pairs)
        if len(tree) < len(pairs):
            repeated, _ = Counter(key for key, _ in pairs).most_common(1)[0]
            _refuse(file, f"duplicate key {repeated!r}")
        return tree

    def constant(word: str) -> NoReturn:
        _refuse(file, f"{word} is not a finite number")

    try:
        tree = json.loads(text, object_pairs_hook=unique, parse_constant=constant)
    except json.JSONDecodeError as error:
        _refuse(f"{file}:{error.lineno}:{error.colno}", f"not JSON: {error.msg}", error)
    except ValueError as error:  # a number of more digits than Python converts
        _refuse(file, "a number with too many digits", error)
    return _mapping(tree, file)


def _yaml(text: str, file: str) -> dict[str, Any]:
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return {}
    from mreg.adapters.yaml.text import load

    return load(text.encode(), source=file, max_bytes=MAX_BYTES).data


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        _refuse(file, f"not TOML: {error}", error)


def _python(text: str, file: str) -> dict[str, Any]:
    """What DVC reads: literals assigned in the module, in its classes, and to `self` in `__init__`."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of the program's style
            return _assignments(ast.parse(text).body)
    except (SyntaxError, ValueError) as error:
        _refuse(file, f"not Python: {error}", error)


def _assignments(body: list[ast.stmt]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for statement in body:
        match statement:
            case ast.ClassDef():
                found[statement.name] = _assignments(statement.body)
            case ast.FunctionDef(name="__init__"):
                found |= _assignments(statement.body)
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
                name = _target(target)
                if name is not None:
                    found |= _literal(name, value)
    return found


def _target(target: ast.expr) -> str | None:
    match target:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
    return None


def _literal(name: str, value: ast.expr) -> dict[str, Any]:
    try:
        return {name: _plain(ast.literal_eval(value))}
    except ValueError:  # an expression: known only to the program
        return {}


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return sorted(map(_plain, value), key=str)
    return value


def _mapping(tree: Any, file: str) -> dict[str, Any]:
    if not isinstance(tree, dict):
        what = "a list" if isinstance(tree, list) else "a single value"
        raise BrokenFile(
            file=file, problem=f"holds {what}, not names and their values", hint='write it as in {"f1": 0.93}'
        )
    return tree


def _refuse(file: str, problem: str, cause: Exception | None = None) -> NoReturn:
    raise BrokenFile(file=file, problem=problem) from cause


_PARSERS: Mapping[str, Parser] = {".json": _json, ".yaml": _yaml, ".yml": _yaml, ".toml": _toml, ".py": _python}
