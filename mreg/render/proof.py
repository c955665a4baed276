"""What was proven, and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.core.signatures import SignatureState
from mreg.render.blocks import Block, Cell, line
from mreg.render.face import Face
from mreg.render.words import counted

if TYPE_CHECKING:
    from mreg.core.chain import Fault
    from mreg.usecases.proof import Verification


def _verified_blocks(result: Verification) -> list[Block]:
    blocks: list[Block] = [line(Cell("fault  ", "bad"), f"{fault.where}: {fault.problem}") for fault in result.faults]
    looked = [
        counted(result.models, "model", "models"),
        counted(result.versions, "version", "versions"),
        counted(result.events, "event", "events"),
    ]
    if result.deep:
        looked.append(f"the bytes of {counted(result.artifacts, 'artifact', 'artifacts')}")
    if result.remote:
        looked.append(f"compared with {result.remote}")
    signed = {state: count for state, count in result.signatures.items() if count and state is not SignatureState.NONE}
    looked += [f"{counted(count, 'signature', 'signatures')} {state}" for state, count in signed.items()]
    verdict = Cell(counted(len(result.faults), "fault", "faults"), "bad") if result.faults else Cell("no fault", "good")
    return [*blocks, line(verdict, f" in {', '.join(looked)}")]


def _fault_data(fault: Fault) -> dict[str, str]:
    return {"where": fault.where, "problem": fault.problem}


def _verified_data(result: Verification) -> dict[str, Any]:
    return {
        "models": result.models,
        "versions": result.versions,
        "events": result.events,
        "signatures": {state.value: count for state, count in result.signatures.items()},
        "artifacts": result.artifacts,
        "deep": result.deep,
        "remote": result.remote,
        "faults": [_fault_data(fault) for fault in result.faults],
        "remarks": [_fault_data(remark) for remark in result.remarks],
    }


def _verified_notices(result: Verification) -> list[str]:
    return [f"{remark.where}: {remark.problem}" for remark in result.remarks]


VERIFIED: Face[Verification] = Face("verification", _verified_blocks, _verified_data, _verified_notices)
