"""The runs of a watch, a line each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, line
from mreg.render.face import Face
from mreg.render.plain import to_plain
from mreg.render.words import iso

if TYPE_CHECKING:
    from mreg.usecases.watching import WatchRun


def run_line(run: WatchRun, *, json: bool, ascii_only: bool) -> str:
    """One run as one line: for people, or a whole JSON document."""
    return _one_line(RUN.to_json(run), ascii_only=ascii_only) if json else to_plain(RUN.blocks(run))


def _one_line(document: str, *, ascii_only: bool) -> str:
    return json.dumps(json.loads(document), ensure_ascii=ascii_only) + "\n"


def _blocks(run: WatchRun) -> list[Block]:
    return [line(f"{iso(run.time)}  ", Cell(run.ref, "name"), f"  exit code {run.exit_code}")]


def _data(run: WatchRun) -> dict[str, Any]:
    return {
        "time": iso(run.time),
        "model": run.model,
        "selector": run.selector,
        "ref": run.ref,
        "version": run.version,
        "previous": run.previous,
        "tag": run.tag,
        "commit": run.commit,
        "exit_code": run.exit_code,
    }


RUN: Face[WatchRun] = Face("watch-run", _blocks, _data)
