"""Who did what for a version: by person, and in the order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from mreg.core.annotations import Annotation
from mreg.core.authorship import Commit
from mreg.core.events import Event, EventKind
from mreg.core.people import Role
from mreg.core.signatures import SignatureState
from mreg.render.blocks import Block, Cell, Column, Style, Table, line
from mreg.render.events import movement
from mreg.render.face import Face
from mreg.render.words import NOTHING, iso, minute, scalar

if TYPE_CHECKING:
    from mreg.core.people import Act
    from mreg.usecases.who import People

_STYLES: dict[SignatureState, Style] = {
    SignatureState.GOOD: "good",
    SignatureState.BAD: "bad",
    SignatureState.UNKNOWN: "warn",
    SignatureState.NONE: "faint",
}
# As much of an id as people need to find it again.
_ID = 10


def _blocks(result: People) -> list[Block]:
    return [
        line(Cell(result.ref, "name"), f" ({result.state.commit})"),
        _by_person(result),
        _in_time(result),
        *(line(Cell("unknown: ", "warn"), text) for text in result.unknown),
    ]


def _by_person(result: People) -> Table:
    columns = (Column("PERSON", wraps=True), Column("DID", wraps=True))
    rows = [
        (Cell(str(found.person), "name"), Cell(", ".join(role.value for role in found.roles)))
        for found in result.participants
    ]
    return Table(columns, tuple(rows))


def _in_time(result: People) -> Table:
    signed = any(act.signature and act.signature.state is not SignatureState.NONE for act in result.acts)
    columns = [Column("TIME (UTC)"), Column("WHO", wraps=True), Column("DID"), Column("WHAT", wraps=True)]
    columns += [Column("WHERE", wraps=True), *([Column("SIGNED")] if signed else [])]
    rows = [
        (
            Cell(minute(act.when), "faint"),
            Cell(act.person.name or act.person.email),
            Cell(act.role.value),
            Cell(_what(act)),
            Cell(_where(act), "faint"),
            *([_signed(act)] if signed else []),
        )
        for act in result.acts
    ]
    return Table(tuple(columns), tuple(rows))


def _what(act: Act) -> str:
    match act.source:
        case Commit():
            request = act.request
            named = f"#{request.number} {request.title}".rstrip() if request else act.source.subject
            return f"{act.trailer}: {named}" if act.trailer else named
        case Event():
            reason = act.source.change.reason.partition("\n")[0]
            replaced = act.role is Role.ARCHIVED and act.source.kind is not EventKind.ARCHIVE
            moved = f"v{act.source.version} took its place" if replaced else movement(act.source)
            return f"{moved}: {reason}" if moved and reason else moved or reason
        case Annotation():
            return f"{act.source.key} removed" if act.source.removed else f"{act.source.key}={scalar(act.source.value)}"
    assert_never(act.source)


def _where(act: Act) -> str:
    match act.source:
        case Commit():
            return act.source.id[:_ID]
        case Event():
            return act.source.tag
        case Annotation():
            return ""
    assert_never(act.source)


def _signed(act: Act) -> Cell:
    """The state of the signature; and whose it is, where that is somebody else."""
    if (signature := act.signature) is None:
        return NOTHING
    other = f" by {signature.signer}" if signature.signer and act.person.email not in signature.signer else ""
    return Cell(f"{signature.state.value}{other}", _STYLES[signature.state])


def _data(result: People) -> dict[str, Any]:
    return {
        "model": result.state.registered.model,
        "version": str(result.state.version),
        "tag": result.state.registered.tag,
        "commit": result.state.commit,
        "people": [
            {
                "name": found.person.name,
                "email": found.person.email,
                "roles": [role.value for role in found.roles],
            }
            for found in result.participants
        ],
        "acts": [_act_data(act) for act in result.acts],
        "unknown": list(result.unknown),
    }


def _act_data(act: Act) -> dict[str, Any]:
    request, signature = act.request, act.signature
    return {
        "time": iso(act.when),
        "role": act.role.value,
        "person": {"name": act.person.name, "email": act.person.email},
        "what": _what(act),
        "trailer": act.trailer or None,
        "request": request and {"number": request.number, "title": request.title or None},
        "commit": act.source.id if isinstance(act.source, Commit) else None,
        "tag": act.source.tag if isinstance(act.source, Event) else None,
        "signature": signature and {"state": signature.state.value, "signer": signature.signer or None},
    }


PEOPLE: Face[People] = Face("people", _blocks, _data)
