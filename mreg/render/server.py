"""A hook that was installed on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, line
from mreg.render.face import Face

if TYPE_CHECKING:
    from mreg.usecases.server import HookInstalled

_OUTCOME = {
    "installed": "is installed",
    "replaced": "is installed, in the place of another version",
    "unchanged": "is installed already: nothing to do",
}


def _blocks(result: HookInstalled) -> list[Block]:
    blocks: list[Block] = [line(Cell(str(result.hook), "name"), f" {_OUTCOME[result.outcome]}")]
    if result.called_by is not None:
        blocks.append(line(f"  called by  {result.called_by}"))
    if result.protected:
        blocks.append(line(f"  signed     {' '.join(result.protected)}"))
    if result.signers:
        blocks.append(line(f"  signers    {result.signers}"))
    if result.strict:
        blocks.append(line("  strict     tags that mreg did not write are refused"))
    return blocks


def _data(result: HookInstalled) -> dict[str, Any]:
    return {
        "hook": str(result.hook),
        "version": result.version,
        "changed": result.outcome != "unchanged",
        "outcome": result.outcome,
        "called_by": None if result.called_by is None else str(result.called_by),
        "signed": list(result.signed),
        "protected": list(result.protected),
        "signers": None if result.signers is None else str(result.signers),
        "strict": result.strict,
    }


HOOK_INSTALLED: Face[HookInstalled] = Face("hook-installed", _blocks, _data, lambda result: result.notices)
