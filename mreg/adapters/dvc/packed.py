"""Provenances as JSON values, for the cache: lists in the order of the fields."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple
from types import MappingProxyType
from typing import Any

from mreg.core.pointer import Pointer
from mreg.core.provenance import File, Origin, Provenance, Source, Step

FORM = 6
"""The number of the shape: to be raised whenever a field of a provenance comes, goes or changes its meaning."""


_DIGITS = 32  # of a step's name: chance makes no two equal

Steps = Mapping[str, Step]
"""Steps that several provenances share, by the name that `share` gave them."""


def pack(provenance: Provenance) -> list[Any]:
    """A provenance as JSON."""
    return [
        _pack_pointer(provenance.artifact),
        [_pack_step(step) for step in provenance.steps],
        [_pack_step(step) for step in provenance.checks],
        [[s.file, list(s.out), s.origin and astuple(s.origin)] for s in provenance.sources],
        dict(provenance.code),
        {file: dict(values) for file, values in provenance.declared.items()},
        {file: dict(values) for file, values in provenance.metrics.items()},
        list(provenance.cached),
        list(provenance.unknown),
    ]


def share(packed: list[Any]) -> tuple[list[Any], dict[str, list[Any]]]:
    """A packed provenance with names in the place of its steps, and the steps by these names, made of their content:
    most versions' pipelines differ in a step or two."""
    artifact, steps, checks, *rest = packed
    named = {_name_of(step): step for step in (*steps, *checks)}
    return [artifact, list(map(_name_of, steps)), list(map(_name_of, checks)), *rest], named


def names(packed: list[Any]) -> list[str]:
    """The names of the shared steps in a packed provenance."""
    return [step for step in (*packed[1], *packed[2]) if isinstance(step, str)]


def unpack(packed: list[Any], shared: Steps = MappingProxyType({})) -> Provenance:
    """The provenance that was packed, with those of its steps that are shared."""
    artifact, steps, checks, sources, code, declared, metrics, cached, unknown = packed
    return Provenance(
        artifact=_unpack_pointer(artifact),
        steps=tuple(shared[step] if isinstance(step, str) else unpack_step(step) for step in steps),
        checks=tuple(shared[step] if isinstance(step, str) else unpack_step(step) for step in checks),
        sources=tuple(Source(file, File(*out), origin and Origin(*origin)) for file, out, origin in sources),
        code=code,
        declared=declared,
        metrics=metrics,
        cached=tuple(cached),
        unknown=tuple(unknown),
    )


def _pack_step(step: Step) -> list[Any]:
    files = ([list(file) for file in step.deps], [list(file) for file in step.outs])
    params = {file: dict(values) for file, values in step.params.items()}
    return [step.pipeline, step.name, step.command, *files, params, list(step.metrics)]


def _name_of(step: list[Any]) -> str:
    return hashlib.sha256(json.dumps(step).encode()).hexdigest()[:_DIGITS]


def unpack_step(packed: list[Any]) -> Step:
    """The step that was packed."""
    pipeline, name, command, deps, outs, params, metrics = packed
    return Step(
        pipeline=pipeline,
        name=name,
        command=command,
        deps=tuple(map(File._make, deps)),
        outs=tuple(map(File._make, outs)),
        params=params,
        metrics=tuple(metrics),
    )


def _pack_pointer(pointer: Pointer | None) -> list[Any] | None:
    return None if pointer is None else list(astuple(pointer))


def _unpack_pointer(packed: list[Any] | None) -> Pointer | None:
    if packed is None:
        return None
    return Pointer(**dict(zip(Pointer.__dataclass_fields__, packed, strict=True)))
