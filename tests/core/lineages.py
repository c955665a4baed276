"""Papers of versions, written by hand: what lineage and impact are computed from in these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.core.dossier import Dossier
from mreg.core.events import Change, EventKind
from mreg.core.fold import VersionState
from mreg.core.pointer import Pointer
from mreg.core.provenance import File, Provenance, Source, Step
from mreg.core.versions import parse_version
from tests.core.strategies import START, event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mreg.core.lineage import Graph


def md5(content: str) -> str:
    """A hash that a reader recognises: `aa` becomes `md5:aa00…`, `aa.dir` becomes `md5:aa00….dir`."""
    value, dot, suffix = content.partition(".")
    return f"md5:{value.ljust(32, '0')}{dot}{suffix}"


def file(path: str, content: str) -> File:
    return File(path, md5(content), 10)


def step(name: str, deps: Mapping[str, str], outs: Mapping[str, str], **params: int) -> Step:
    """A stage of the `dvc.yaml` at the root, which ran on these files and made those: path → content."""
    return Step(
        pipeline="dvc.yaml",
        name=name,
        command=f"python {name}.py",
        deps=tuple(file(path, content) for path, content in deps.items()),
        outs=tuple(file(path, content) for path, content in outs.items()),
        params={"params.yaml": params} if params else {},
    )


def papers(
    ref: str,
    artifact: str | None = None,
    *,
    path: str = "model.pkl",
    stage: str = "none",
    steps: Sequence[Step] = (),
    checks: Sequence[Step] = (),
    sources: Sequence[Source] = (),
    code: Sequence[str] = (),
    datasets: Sequence[Mapping[str, str]] = (),
    bases: Sequence[Mapping[str, str]] = (),
    card: Mapping[str, Any] | None = None,
    time: int = START,
    unknown: Sequence[str] = (),
    problems: Sequence[str] = (),
) -> Dossier:
    """One version's papers; `artifact` is its content."""
    model, _, version = ref.partition("@v")
    change = Change(kind=EventKind.REGISTER, model=model, version=parse_version(version), digest=None)
    registered = event(change, oid=ref.encode().hex()[:40], time=time)
    state = VersionState(registered=registered, changed=registered, stage=stage, aliases=(), yanked=None)
    pointer = artifact and Pointer(
        path=path, file=f"{path}.dvc", hash_name="md5", hash=md5(artifact).removeprefix("md5:"), size=10
    )
    return Dossier(
        state=state,
        card={"training": {"datasets": list(datasets)}, "base_models": list(bases), **(card or {})},
        provenance=Provenance(
            artifact=pointer or None,
            steps=tuple(steps),
            checks=tuple(checks),
            sources=tuple(sources),
            code=dict.fromkeys(code, "0" * 40),
            unknown=tuple(unknown),
        ),
        problems=tuple(problems),
    )


PREPARE = step("prepare", {"raw.csv": "aa", "prepare.py": "c1"}, {"features.csv": "bb"})
TRAIN = step("train", {"features.csv": "bb", "train.py": "c2"}, {"model.pkl": "dd"}, depth=3)
EVALUATE = step("evaluate", {"model.pkl": "dd", "test.csv": "ee", "evaluate.py": "c3"}, {"metrics.json": "ff"})
CODE = ("prepare.py", "train.py", "evaluate.py")


def churn(ref: str = "churn@v1.0.0", **options: Any) -> Dossier:
    """A version from raw.csv → prepare → features.csv → train → model.pkl, which evaluate measured on test.csv."""
    return papers(ref, "dd", **{"steps": [TRAIN, PREPARE], "checks": [EVALUATE], "code": CODE, **options})


def edges(graph: Graph) -> set[tuple[str, str, str]]:
    """A graph's edges between labels."""
    return {(graph.nodes[e.source].label, str(e.kind), graph.nodes[e.target].label) for e in graph.edges}
