"""Provenances as JSON values, for the cache: lists in the order of the fields."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from mreg.core.pointer import Pointer
from mreg.core.provenance import File, Origin, Provenance, Source, Step

FORM = 3
"""The number of the shape: to be raised whenever a field of a provenance comes, goes or changes its meaning."""


def pack(provenance: Provenance) -> list[Any]:
    """A provenance as JSON."""
    return [
        _pack_pointer(provenance.artifact),
        [_pack_step(step) for step in provenance.steps],
        [_pack_step(step) for step in provenance.checks],
        [[s.file, astuple(s.out), s.origin and astuple(s.origin)] for s in provenance.sources],
        dict(provenance.code),
        {file: dict(values) for file, values in provenance.declared.items()},
        {file: dict(values) for file, values in provenance.metrics.items()},
        list(provenance.cached),
        list(provenance.unknown),
    ]


def unpack(packed: list[Any]) -> Provenance:
    """The provenance that was packed."""
    artifact, steps, checks, sources, code, declared, metrics, cached, unknown = packed
    return Provenance(
        artifact=_unpack_pointer(artifact),
        steps=tuple(map(_unpack_step, steps)),
        checks=tuple(map(_unpack_step, checks)),
        sources=tuple(Source(file, File(*out), origin and Origin(*origin)) for file, out, origin in sources),
        code=code,
        declared=declared,
        metrics=metrics,
        cached=tuple(cached),
        unknown=tuple(unknown),
    )


def _pack_step(step: Step) -> list[Any]:
    files = ([astuple(file) for file in step.deps], [astuple(file) for file in step.outs])
    params = {file: dict(values) for file, values in step.params.items()}
    return [step.pipeline, step.name, step.command, *files, params, list(step.metrics)]


def _unpack_step(packed: list[Any]) -> Step:
    pipeline, name, command, deps, outs, params, metrics = packed
    return Step(
        pipeline=pipeline,
        name=name,
        command=command,
        deps=tuple(File(*file) for file in deps),
        outs=tuple(File(*file) for file in outs),
        params=params,
        metrics=tuple(metrics),
    )


def _pack_pointer(pointer: Pointer | None) -> list[Any] | None:
    return None if pointer is None else list(astuple(pointer))


def _unpack_pointer(packed: list[Any] | None) -> Pointer | None:
    if packed is None:
        return None
    return Pointer(**dict(zip(Pointer.__dataclass_fields__, packed, strict=True)))
