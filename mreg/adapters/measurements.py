"""Metrics and parameters from the files that training writes: JSON, YAML, TOML, or DVCLive's folder."""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path
from sys import float_info
from typing import Any

from mreg.adapters.files import disk_errors
from mreg.adapters.structured import BrokenFile, read_structured
from mreg.adapters.yaml.nodes import YamlFault
from mreg.adapters.yaml.scalars import resolve
from mreg.core.annotations import Scalar
from mreg.core.metrics import BadAssignment, flatten, parse_assignment
from mreg.errors import RegistryError, UsageError

DVCLIVE_METRICS, DVCLIVE_PARAMS = "metrics.json", "params.yaml"


class NoSuchFile(UsageError):
    """A metrics or parameters file that was named is not there."""

    def __init__(self, *, file: str, purpose: str) -> None:
        super().__init__(f"{file}: there is no such file for {purpose}")
        self.file, self.purpose = file, purpose
        self.hint = "check the path; `dvc repro` writes what a pipeline declares, `dvc pull` fetches what it tracks"


class BadValue(RegistryError):
    """A value in a metrics or parameters file that is not of the kind that belongs there."""

    def __init__(self, *, file: str, key: str, problem: str, hint: str) -> None:
        super().__init__(f"{file}: {key} {problem}")
        self.file, self.key, self.problem = file, key, problem
        self.hint = hint


def read_metrics(path: Path) -> dict[str, float]:
    """Metric → value under dotted names, in the file's order; lists are left out, as `dvc metrics show` does.

    Args:
        path: A `.json`, `.yaml`, `.yml` or `.toml` file, or a DVCLive folder, whose `metrics.json` is read.

    Returns:
        Finite numbers, at least one. Whole numbers stay ints.

    Raises:
        NoSuchFile, UnreadableFormat, DiskFailure, BrokenFile, YamlFault: It cannot be read.
        BadValue: A value is text, true or false, null, NaN or infinite.
    """
    file = _file(path, DVCLIVE_METRICS, purpose="metrics")
    leaves = _flatten(read_structured(file), file, lists=False)
    if not leaves:
        problem = "holds no metrics: no number under any name"
        raise BrokenFile(file=str(file), problem=problem, hint='a metrics file reads like {"f1": 0.93}')
    return {key: _number(value, file, key) for key, value in leaves.items()}


def read_params(path: Path, *, keys: Collection[str] = ()) -> dict[str, Scalar]:
    """Parameter → value under dotted names, in the file's order; a list is kept as its JSON text.

    Args:
        path: As in `read_metrics`, or a `.py` file, which is read as DVC reads it; a DVCLive folder means its
            `params.yaml`.
        keys: Only these and what is nested in them, as dvc.yaml selects them; those that the file lacks are passed
            over. None is all.

    Raises:
        NoSuchFile, UnreadableFormat, DiskFailure, BrokenFile, YamlFault: It cannot be read.
        BadValue: A value is NaN or infinite.
    """
    file = _file(path, DVCLIVE_PARAMS, purpose="parameters")
    leaves = _flatten(read_structured(file, python=True), file, lists=True)
    for key, value in leaves.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise BadValue(
                file=str(file), key=key, problem=f"is {value}", hint="write a finite number, or text in quotes"
            )
    return {key: value for key, value in leaves.items() if not keys or _selected(key, keys)}


def parse_param(text: str) -> tuple[str, Scalar]:
    """Name and value of a `--param`, the value as YAML 1.2 reads it: `lr=1e-4` is a number, `v='1.10'` is text.

    Raises:
        BadAssignment: It is not `name=value`, or the value is NaN, infinite or a broken quotation.
    """
    key, value = parse_assignment(text)
    try:
        return key, _quoted(value) if value[:1] in ("'", '"') else resolve(value)
    except YamlFault as error:
        raise BadAssignment(
            text=text, problem=f"cannot be read: {error.problem}", hint="close the quotation"
        ) from error
    except ValueError as error:
        raise BadAssignment(text=text, problem=f"cannot be read: {error}", hint="quote it to mean text") from error


def _quoted(value: str) -> Scalar:
    from mreg.adapters.yaml.text import load

    read: Scalar = load(f"value: {value}".encode(), source="--param").data["value"]
    return read


def _file(path: Path, inside: str, *, purpose: str) -> Path:
    with disk_errors("read", path):
        file = path / inside if path.is_dir() else path
        if not file.is_file():
            raise NoSuchFile(file=str(file), purpose=purpose)
    return file


def _flatten(tree: dict[str, Any], file: Path, *, lists: bool) -> dict[str, Scalar]:
    try:
        return flatten(tree, lists=lists)
    except ValueError as error:
        raise BrokenFile(file=str(file), problem=str(error)) from error
    except RecursionError as error:
        raise BrokenFile(file=str(file), problem="nested too deeply") from error


def _number(value: Scalar, file: Path, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        problem = f"is {_kind(value)}, not a number"
        raise BadValue(file=str(file), key=key, problem=problem, hint=_ONLY_NUMBERS)
    if not -float_info.max <= value <= float_info.max:  # false for NaN
        raise BadValue(file=str(file), key=key, problem="is not a finite number", hint=_ONLY_NUMBERS)
    return value


def _kind(value: str | bool | None) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
    return f"the text {value[:40]!r}"


def _selected(name: str, keys: Collection[str]) -> bool:
    return any(name == key or name.startswith(f"{key}.") for key in keys)


_ONLY_NUMBERS = (
    "metrics are finite numbers: take the value out of the file, or name single ones with --metric name=value"
)
