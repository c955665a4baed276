"""A repository made ready, and a version registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, line
from mreg.render.events import event_data
from mreg.render.face import Face
from mreg.render.losses import shared, shared_data, shared_notices
from mreg.render.version import pointer_data
from mreg.render.words import number, size
from mreg.render.writing import written_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mreg.usecases.register import Registered
    from mreg.usecases.setup import Initialized


def _initialized_blocks(result: Initialized) -> list[Block]:
    return [line(sentence) for sentence in result.done] or [line(f"{result.root} is ready: nothing to do")]


def _initialized_data(result: Initialized) -> dict[str, Any]:
    return {"root": str(result.root), "done": list(result.done), "files": list(result.files)}


def _initialized_notices(result: Initialized) -> list[str]:
    return [f"commit {', '.join(result.files)}; then mreg register MODEL PATH"] if result.files else []


def _registered_blocks(result: Registered) -> list[Block]:
    ref = Cell(f"{result.model} v{result.version}", "name")
    blocks: list[Block] = [line(ref, f" {_outcome(result)}")]
    if not result.repeated:
        blocks += [line(f"  {name:<8}  {text}") for name, text in _facts(result)]
    if result.promoted:
        blocks += written_blocks(result.promoted)
    elif result.dry_run and result.stage:
        blocks.append(line(ref, f" would be in {result.stage} then"))
    return [*blocks, *shared(result.pushed)]


def _facts(result: Registered) -> Iterator[tuple[str, str]]:
    yield "artifact", result.path + (f" ({size(result.pointer.size)})" if result.pointer else "")
    yield "card", result.card_path
    if result.metrics:
        yield "metrics", ", ".join(f"{name} {number(value)}" for name, value in result.metrics.items())


def _outcome(result: Registered) -> str:
    if result.repeated:
        return f"{'is drafted with' if result.draft else 'has'} this artifact and this card already: nothing to do"
    if result.dry_run:
        return "would be drafted" if result.draft else "would be registered"
    where = f"at commit {(result.commit or '')[:10]}"
    return f"is drafted {where}, without a tag" if result.draft else f"is registered {where}"


def _registered_data(result: Registered) -> dict[str, Any]:
    return {
        "model": result.model,
        "version": str(result.version),
        "changed": not (result.repeated or result.dry_run),
        "repeated": result.repeated,
        "draft": result.draft,
        "dry_run": result.dry_run,
        "event": None if result.event is None else event_data(result.event),
        "commit": result.commit,
        "path": result.path,
        "card_path": result.card_path,
        "artifact": None if result.pointer is None else pointer_data(result.pointer),
        "sha256": result.digest,
        "metrics": dict(result.metrics),
        "stage": result.stage,
        "promoted": None
        if result.promoted is None or result.promoted.event is None
        else event_data(result.promoted.event),
        **shared_data(result.pushed),
    }


def _registered_notices(result: Registered) -> list[str]:
    return [*result.notices, *shared_notices(result.pushed)]


INITIALIZED: Face[Initialized] = Face("initialized", _initialized_blocks, _initialized_data, _initialized_notices)
REGISTERED: Face[Registered] = Face("registration", _registered_blocks, _registered_data, _registered_notices)
