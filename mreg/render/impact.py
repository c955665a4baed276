"""Which versions something went into, those in production first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.core.events import PRODUCTION
from mreg.render.blocks import Block, Cell, Column, Line, Table, line
from mreg.render.face import Face
from mreg.render.lineage.phrases import short_hash
from mreg.render.words import counted, stage_cell
from mreg.usecases.impact import Impact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mreg.core.lineage import Affected

ARROW = " → "
_SHOWN = 5  # contents and versions that are named one by one


def _blocks(result: Impact) -> list[Block]:
    blocks: list[Block] = [*_contents(result), line(*_verdict(result))]
    if result.hits:
        blocks.append(_table(result.hits))
    for heading, lines in (("other contents", list(_others(result))), ("not known", list(_unknown(result)))):
        if lines:
            blocks += [*([] if isinstance(blocks[-1], Table) else [line("")]), line(Cell(heading, "title")), *lines]
    return blocks


def _contents(result: Impact) -> Iterator[Line]:
    # A file has a hash for each algorithm, and people know it by the one that DVC shows.
    labels: dict[str, str] = {}
    for content in result.contents:
        labels.setdefault(content.label, short_hash(content.hash))
    for label, known_as in list(labels.items())[:_SHOWN]:
        yield line(Cell(label, "name"), Cell(f"  {known_as}", "faint"))
    if len(labels) > _SHOWN:
        yield line(Cell(f"and {counted(len(labels) - _SHOWN, 'file', 'files')} more", "faint"))


def _verdict(result: Impact) -> Iterator[str | Cell]:
    if not result.contents and result.kind == "path":
        unknown = "its content is not known, so neither is what it went into"
        yield unknown if result.unknown else f"{result.what} is not here now"
        return
    made = [hit for hit in result.hits if hit.role == "made from"]
    measured = [hit for hit in result.hits if hit.role != "made from"]
    yield f"went into {len(made) or 'none'} of {counted(result.versions, 'version', 'versions')}"
    yield _live(made)
    if measured:
        yield f"; {counted(len(measured), 'version was', 'versions were')} evaluated on it"
        yield _live(measured)


def _live(hits: Sequence[Affected]) -> Cell:
    live = sum(hit.state.stage == PRODUCTION for hit in hits)
    return Cell(f", {live} in production" if live else "", "bad")


def _table(hits: Sequence[Affected]) -> Table:
    measured = any(hit.role != "made from" for hit in hits)
    columns = [Column("VERSION"), Column("STAGE"), *([Column("ROLE")] if measured else []), Column("HOW", wraps=True)]
    rows = [
        (
            Cell(hit.ref, "version"),
            stage_cell(hit.state.stage, yanked=hit.state.yanked is not None),
            *([Cell(hit.role)] if measured else []),
            Cell(ARROW.join(hit.chain)),
        )
        for hit in hits
    ]
    return Table(tuple(columns), tuple(rows))


def _others(result: Impact) -> Iterator[Line]:
    for other in result.others[:_SHOWN]:
        more = f" and {len(other.refs) - _SHOWN} more" if len(other.refs) > _SHOWN else ""
        content = short_hash(other.hash) or "not recorded"
        yield line(f"- {other.path}  ", Cell(content, "faint"), f"  in {', '.join(other.refs[:_SHOWN])}{more}")
    if len(result.others) > _SHOWN:
        yield line(f"- and {len(result.others) - _SHOWN} more")


def _unknown(result: Impact) -> Iterator[Line]:
    return (line(f"- {gap}") for gap in result.unknown)


def _data(result: Impact) -> dict[str, Any]:
    return {
        "what": result.what,
        "kind": result.kind,
        "at": result.at,
        "contents": [{"label": content.label, "hash": content.hash} for content in result.contents],
        "looked_at": result.versions,
        "versions": [
            {
                "ref": hit.ref,
                "model": hit.state.registered.model,
                "version": str(hit.state.version),
                "stage": hit.state.stage,
                "yanked": hit.state.yanked is not None,
                "role": hit.role,
                "direct": hit.direct,
                "how": list(hit.chain),
            }
            for hit in result.hits
        ],
        "other_contents": [
            {"path": other.path, "hash": other.hash, "versions": list(other.refs)} for other in result.others
        ],
        "unknown": list(result.unknown),
    }


IMPACT: Face[Impact] = Face("impact", _blocks, _data)
