"""One version: in full, as hashes, as delivered, with its annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.core.signatures import UNSIGNED, Entry
from mreg.render.blocks import Block, Cell, Fields, line
from mreg.render.cardview import about, mapping, recorded, sections
from mreg.render.events import event_data, event_table
from mreg.render.face import Face
from mreg.render.losses import shared, shared_data, shared_notices
from mreg.render.words import iso, minute, scalar, size, stage_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mreg.core.annotations import Annotation
    from mreg.core.pointer import Pointer
    from mreg.usecases.delivery import Delivered
    from mreg.usecases.details import Resolution
    from mreg.usecases.facts import Annotated
    from mreg.usecases.show import Detail


def pointer_data(pointer: Pointer) -> dict[str, Any]:
    """A DVC pointer's JSON shape."""
    return {
        "path": pointer.path,
        "file": pointer.file,
        "hash_name": pointer.hash_name,
        "hash": pointer.hash,
        "size": pointer.size,
        "nfiles": pointer.nfiles,
        "stage": pointer.stage,
    }


def _annotation_data(facts: Mapping[str, Annotation]) -> dict[str, Any]:
    return {key: {"value": fact.value, "actor": fact.actor, "time": iso(fact.time)} for key, fact in facts.items()}


def _annotated_blocks(result: Annotated) -> list[Block]:
    title = f"{result.model} v{result.version}"
    pairs = tuple((key, Cell(scalar(fact.value))) for key, fact in result.annotations.items())
    facts = Fields(title, pairs) if pairs else line(f"{title} has no annotations now")
    return [facts, *shared(result.pushed)]


def _annotated_data(result: Annotated) -> dict[str, Any]:
    return {
        "model": result.model,
        "version": str(result.version),
        "changed": list(result.changed),
        "annotations": _annotation_data(result.annotations),
        **shared_data(result.pushed),
    }


def _annotated_notices(result: Annotated) -> list[str]:
    so_already = [] if result.changed else ["all of it was so already: nothing was written"]
    return [*result.caveats, *so_already, *shared_notices(result.pushed)]


def _resolution_blocks(result: Resolution) -> list[Block]:
    pointer = result.pointer
    pairs = (
        ("ref", Cell(result.ref, "name")),
        ("stage", stage_cell(result.stage, yanked=result.yanked is not None)),
        ("tag", Cell(result.tag)),
        ("commit", Cell(result.commit)),
        ("artifact", Cell(pointer.path)),
        ("pointer", Cell(pointer.file)),
        (pointer.hash_name, Cell(pointer.hash)),
        ("sha256", _digest(result.digest)),
    )
    return [Fields("", pairs)]


def _resolution_data(result: Resolution) -> dict[str, Any]:
    return {
        "ref": result.ref,
        "model": result.model,
        "version": str(result.version),
        "stage": result.stage,
        "aliases": list(result.aliases),
        "yanked": result.yanked is not None,
        "tag": result.tag,
        "commit": result.commit,
        "artifact": pointer_data(result.pointer),
        "sha256": result.digest,
    }


def _resolution_notices(result: Resolution) -> list[str]:
    if result.yanked is None:
        return [*result.caveats]
    reason = f": {result.yanked}" if result.yanked else ""
    return [*result.caveats, f"{result.model} v{result.version} is yanked{reason}"]


def _delivered_blocks(result: Delivered) -> list[Block]:
    found = result.resolution
    named = Cell(f"{found.model} v{found.version}", "name")
    there = "is at" if result.changed else "is already at"
    return [line(named, f" {there} {result.path} ({size(found.pointer.size)})")]


def _delivered_data(result: Delivered) -> dict[str, Any]:
    return {**_resolution_data(result.resolution), "delivered": str(result.path), "changed": result.changed}


def _delivered_notices(result: Delivered) -> list[str]:
    unproven = "no SHA-256 was recorded for this version: only DVC's own hash was compared"
    proof = [] if result.resolution.digest else [unproven]
    return [*_resolution_notices(result.resolution), *proof, *result.remarks]


def _detail_blocks(result: Detail) -> list[Block]:
    card = result.dossier.card or {}
    blocks: list[Block] = [Fields(result.dossier.ref.replace("@", " "), tuple(_state(result, card)))]
    blocks += sections(card) if card else recorded(result.dossier.metrics, result.dossier.parameters)
    if result.annotations:
        noted = tuple((key, _noted(fact)) for key, fact in result.annotations.items())
        blocks.append(Fields("annotations", noted))
    entries = [Entry(event=event, signature=UNSIGNED) for event in result.events]
    return [*blocks, event_table(entries, models=False)]


def _state(result: Detail, card: Mapping[str, Any]) -> Iterator[tuple[str, Cell]]:
    state, provenance = result.dossier.state, result.dossier.provenance
    yield "stage", stage_cell(state.stage, yanked=state.yanked is not None)
    if state.aliases:
        yield "aliases", Cell(", ".join(state.aliases))
    if state.yanked and state.yanked.change.reason:
        yield "yanked", Cell(state.yanked.change.reason, "bad")
    yield from about(card)
    yield "registered", Cell(f"{minute(state.registered.when)} UTC by {state.registered.actor}")
    yield "commit", Cell(state.commit)
    if pointer := provenance.artifact:
        artifact = mapping(card.get("artifact"))
        told = (size(pointer.size), artifact.get("framework"), artifact.get("format"))
        yield "artifact", Cell(f"{pointer.path} ({', '.join(str(word) for word in told if word)})")
        yield "pointer", Cell(f"{pointer.file} ({pointer.hash_name} {pointer.hash})")
    if provenance.steps:
        yield "made by", Cell(provenance.steps[0].label)
    yield "sha256", _digest(state.registered.change.digest)
    yield "card", Cell(result.card_path) if card else Cell("none at this commit", "warn")
    if code := mapping(mapping(card.get("training")).get("code")):
        clean = code.get("clean", True)
        changes = "" if clean else " and changes that were not committed"
        yield "code", Cell(f"{code.get('commit', 'unknown')}{changes}", "" if clean else "warn")


def _noted(fact: Annotation) -> Cell:
    return Cell(f"{scalar(fact.value)} ({fact.actor}, {minute(fact.time)} UTC)")


def _digest(digest: str | None) -> Cell:
    return Cell(digest) if digest else Cell("not recorded", "faint")


def _detail_data(result: Detail) -> dict[str, Any]:
    state, pointer = result.dossier.state, result.dossier.provenance.artifact
    return {
        "model": result.dossier.model,
        "version": str(state.version),
        "stage": state.stage,
        "aliases": list(state.aliases),
        "yanked": state.yanked is not None,
        "tag": state.registered.tag,
        "commit": state.commit,
        "sha256": state.registered.change.digest,
        "artifact": None if pointer is None else pointer_data(pointer),
        "metrics": result.dossier.metrics,
        "parameters": result.dossier.parameters,
        "card_path": result.card_path,
        "card": result.dossier.card,
        "annotations": _annotation_data(result.annotations),
        "events": [event_data(event) for event in result.events],
    }


def _detail_notices(result: Detail) -> list[str]:
    return [*result.caveats, *result.dossier.problems, *result.dossier.provenance.unknown]


ANNOTATED: Face[Annotated] = Face("annotations", _annotated_blocks, _annotated_data, _annotated_notices)
DETAIL: Face[Detail] = Face("version", _detail_blocks, _detail_data, _detail_notices)
RESOLUTION: Face[Resolution] = Face("resolution", _resolution_blocks, _resolution_data, _resolution_notices)
DELIVERED: Face[Delivered] = Face("delivery", _delivered_blocks, _delivered_data, _delivered_notices)
