"""What is kept of repositories that are elsewhere, and what was removed of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, Column, Table, line
from mreg.render.face import Face
from mreg.render.words import counted, iso, minute, size

if TYPE_CHECKING:
    from mreg.usecases.caching import Cleared, KeptList, KeptRepository

_COLUMNS = (
    Column("REPOSITORY", wraps=True),
    Column("GIT", right=True),
    Column("ARTIFACTS", right=True),
    Column("USED"),
    Column("FOLDER", spare=True),
)


def _list_blocks(result: KeptList) -> list[Block]:
    if not result.repositories:
        return [line("nothing is kept")]
    rows = tuple(
        (
            Cell(kept.url, "name"),
            Cell(size(kept.repository)),
            Cell(size(kept.artifacts)),
            Cell(minute(_when(kept))),
            Cell(kept.folder.name, "faint"),
        )
        for kept in result.repositories
    )
    total = sum(kept.size for kept in result.repositories)
    number = counted(len(rows), "repository", "repositories")
    return [Table(_COLUMNS, rows), line(f"{size(total)} of {number} in {result.folder}")]


def _list_data(result: KeptList) -> dict[str, Any]:
    return {"folder": str(result.folder), "repositories": [_kept_data(kept) for kept in result.repositories]}


def _kept_data(kept: KeptRepository) -> dict[str, Any]:
    return {
        "url": kept.url,
        "folder": str(kept.folder),
        "repository": kept.repository,
        "artifacts": kept.artifacts,
        "used": iso(_when(kept)),
    }


def _cleared_blocks(result: Cleared) -> list[Block]:
    if not result.removed:
        return [line("nothing was removed")]
    lines = [line(f"removed {size(kept.size)} of ", Cell(kept.url, "name")) for kept in result.removed]
    return [*lines, line(f"freed {size(sum(kept.size for kept in result.removed))}")]


def _cleared_data(result: Cleared) -> dict[str, Any]:
    return {
        "removed": [_kept_data(kept) for kept in result.removed],
        "in_use": [_kept_data(kept) for kept in result.in_use],
        "freed": sum(kept.size for kept in result.removed),
    }


def _cleared_notices(result: Cleared) -> list[str]:
    return [f"{kept.url} is being used at the moment, so it was left" for kept in result.in_use]


def _when(kept: KeptRepository) -> datetime:
    return datetime.fromtimestamp(kept.used, UTC)


KEPT: Face[KeptList] = Face("cache", _list_blocks, _list_data)
CLEARED: Face[Cleared] = Face("cache-cleared", _cleared_blocks, _cleared_data, _cleared_notices)
