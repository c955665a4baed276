"""Events: what one did, and the log of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from mreg.core.events import NONE, Event, EventKind
from mreg.core.signatures import SignatureState
from mreg.render.blocks import Block, Cell, Column, Style, Table
from mreg.render.face import Face
from mreg.render.words import iso, minute, version_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.signatures import Entry

_SIGNATURES: dict[SignatureState, Style] = {
    SignatureState.GOOD: "good",
    SignatureState.BAD: "bad",
    SignatureState.UNKNOWN: "warn",
    SignatureState.NONE: "faint",
}


def event_data(event: Event) -> dict[str, Any]:
    """An event's JSON shape, the same wherever events stand."""
    change = event.change
    return {
        "time": iso(event.when),
        "event": change.kind.value,
        "model": change.model,
        "version": str(change.version),
        "stage": change.stage,
        "from": change.origin,
        "alias": change.alias,
        "supersedes": [str(version) for version in change.supersedes],
        "forced": change.forced,
        "reason": change.reason,
        "actor": {"name": event.actor.name, "email": event.actor.email},
        "sha256": change.digest,
        "sequence": change.sequence,
        "parent": change.parent,
        "tag": event.tag,
        "tag_object": event.oid,
        "commit": event.commit,
    }


def movement(event: Event) -> str:
    """From where to where, and what had to go: `staging → production, archives v1.2.0`."""
    change = event.change
    match change.kind:
        case EventKind.REGISTER:
            return ""
        case EventKind.ALIAS:
            return f"@{change.alias}"
        case EventKind.UNALIAS:
            return f"@{change.alias} removed"
        case EventKind.YANK:
            return f"{change.origin or NONE} → yanked"
        case EventKind.PROMOTE | EventKind.ROLLBACK | EventKind.ARCHIVE:
            forced = " (forced)" if change.forced else ""
            replaced = ", ".join(f"v{version}" for version in change.supersedes)
            return f"{change.origin or NONE} → {change.stage}{forced}" + (f", archives {replaced}" if replaced else "")
    assert_never(change.kind)


def event_table(entries: Sequence[Entry], *, models: bool) -> Table:
    """A row an event; with signatures where there are any.

    Args:
        entries: The events.
        models: Whether they are of several models.
    """
    signed = any(entry.signature.state is not SignatureState.NONE for entry in entries)
    columns = [Column("TIME (UTC)"), *([Column("MODEL")] if models else []), Column("VERSION"), Column("EVENT")]
    columns += [Column("CHANGE", wraps=True), Column("BY", wraps=True)]
    columns += [*([Column("SIGNED")] if signed else []), Column("REASON", wraps=True)]
    rows = []
    for entry in entries:
        event = entry.event
        rows.append(
            (
                Cell(minute(event.when), "faint"),
                *([Cell(event.model, "name")] if models else []),
                version_cell(event.version),
                Cell(event.kind.value),
                Cell(movement(event)),
                Cell(event.actor.name),
                *([_signed(entry)] if signed else []),
                Cell(event.change.reason.partition("\n")[0]),
            )
        )
    return Table(tuple(columns), tuple(rows))


def _signed(entry: Entry) -> Cell:
    """The state of the signature; and whose it is, where that is somebody else than the tag says."""
    signature = entry.signature
    other = signature.signer if signature.signer and entry.event.actor.email not in signature.signer else ""
    return Cell(f"{signature.state.value} by {other}" if other else signature.state.value, _SIGNATURES[signature.state])


def _log_blocks(result: Sequence[Entry]) -> list[Block]:
    return [event_table(result, models=len({entry.event.model for entry in result}) > 1)] if result else []


def _log_data(result: Sequence[Entry]) -> list[dict[str, Any]]:
    return [
        {
            **event_data(entry.event),
            "signature": {"state": entry.signature.state.value, "signer": entry.signature.signer or None},
        }
        for entry in result
    ]


def _log_notices(result: Sequence[Entry]) -> list[str]:
    from mreg.usecases.audit import Log

    caveats = result.caveats if isinstance(result, Log) else ()
    return [*caveats, *([] if result else ["no event matches"])]


LOG: Face[Sequence[Entry]] = Face("history", _log_blocks, _log_data, _log_notices)
