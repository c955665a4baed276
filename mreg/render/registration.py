"""A repository made ready, and a version registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, line
from mreg.render.events import event_data, written_blocks
from mreg.render.face import Face
from mreg.render.version import pointer_data
from mreg.render.words import number, size

if TYPE_CHECKING:
    from mreg.usecases.register import Registered
    from mreg.usecases.setup import Initialized


def _initialized_blocks(result: Initialized) -> list[Block]:
    return [line(sentence) for sentence in result.done] or [line(f"{result.root} is ready: nothing to do")]


def _initialized_data(result: Initialized) -> dict[str, Any]:
    return {"root": str(result.root), "done": list(result.done)}


def _registered_blocks(result: Registered) -> list[Block]:
    ref = Cell(f"{result.model} v{result.version}", "name")
    blocks: list[Block] = [line(ref, f" {_outcome(result)}")]
    if not result.repeated:
        weight = f" ({size(result.pointer.size)})" if result.pointer else ""
        blocks.append(line(f"  artifact  {result.path}{weight}"))
        blocks.append(line(f"  card      {result.card_path}"))
        if result.metrics:
            shown = ", ".join(f"{name} {number(value)}" for name, value in result.metrics.items())
            blocks.append(line(f"  metrics   {shown}"))
    if result.promoted:
        blocks += written_blocks(result.promoted)
    return blocks


def _outcome(result: Registered) -> str:
    if result.repeated:
        return "has this artifact and this card already: nothing to do"
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
        "promoted": None
        if result.promoted is None or result.promoted.event is None
        else event_data(result.promoted.event),
    }


def _registered_notices(result: Registered) -> tuple[str, ...]:
    return result.notices


INITIALIZED: Face[Initialized] = Face("initialized", _initialized_blocks, _initialized_data)
REGISTERED: Face[Registered] = Face("registration", _registered_blocks, _registered_data, _registered_notices)
