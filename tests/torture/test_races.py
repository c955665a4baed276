"""Many processes at once: every change that reported success is in the history, exactly once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.gitrepos import git, write
from tests.torture.registries import check_whole, left_behind
from tests.torture.teams import check_chain, facts_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Job = tuple[str, list[Any], dict[str, Any]]
"""A verb of `Registry`, its arguments and its options."""

_HERE = Path(__file__).parent


def _start(program: str, *arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-B", _HERE / program, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What processes reported: the tags and the keys that they wrote, and what the registry refused."""

    written: list[str]
    refused: list[str]


def _at_once(processes: Sequence[subprocess.Popen[str]]) -> Outcome:
    """Let processes begin together, and demand that each comes to its end without an error of its own."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outcome = Outcome([], [])
    for process in processes:
        stdout, stderr = process.communicate()
        assert (process.returncode, stderr) == (0, "")
        for answer in map(json.loads, stdout.splitlines()):
            outcome.written.extend(answer["done"])
            outcome.refused.extend(answer["refused"])
    return outcome


def _workers(root: Path, jobs: Sequence[Sequence[Job]]) -> list[subprocess.Popen[str]]:
    return [_start("worker.py", root, json.dumps(list(mine))) for mine in jobs]


def _check_verified(root: Path) -> None:
    command = [sys.executable, "-m", "mreg", "verify", "--deep"]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stdout.decode()
    assert left_behind(root) == []


def test_eight_processes_promote_and_annotate_one_model(
    fresh_registry: Callable[[], Path], rounds: Callable[[int, int], int]
) -> None:
    root = fresh_registry()
    before = check_chain(root, "churn")

    def jobs(name: int) -> list[Job]:
        mine: list[Job] = []
        for number in range(rounds(3, 30)):
            version, stage = f"churn@1.{(name + number) % 2}.0", ("staging", "production")[number % 2]
            mine.append(("promote", [version, stage], {"reason": f"{name}, {number}"}))
            mine.append(("annotate", ["churn@1.1.0", {f"p{name}.n{number}": number}], {}))
        return mine

    outcome = _at_once(_workers(root, [jobs(name) for name in range(8)]))
    assert outcome.refused == []
    tags, keys = [t for t in outcome.written if "@" in t], [k for k in outcome.written if "@" not in k]
    assert sorted(check_chain(root, "churn")) == sorted([*before, *tags])
    assert facts_on(root, "churn@v1.1.0") == Counter(keys)
    assert len(keys) == 8 * rounds(3, 30)
    assert len(tags) >= rounds(3, 30)
    check_whole(root)
    _check_verified(root)


def test_processes_register_other_models_and_the_same(
    fresh_registry: Callable[[], Path], rounds: Callable[[int, int], int]
) -> None:
    """Four models by one process each; one model by two that have other bytes; one by two that have the same."""
    root = fresh_registry()
    count = rounds(1, 6)
    artifacts = ["m0", "m1", "m2", "m3", "rivals", "rivals", "twins", "twins"]
    for number in range(count):
        jobs: list[list[Job]] = []
        for place, model in enumerate(artifacts):
            file = f"{model}.bin" if model == "twins" else f"a{place}.bin"
            write(root / file, f"{model} {number} {'' if model == 'twins' else place}".encode() * 1000)
            jobs.append([("register", [model, str(root / file)], {"metrics": {"f1": 0.5}})])
        outcome = _at_once(_workers(root, jobs))
        assert outcome.refused == []
        expected = [f"{model}@v1.{number}.0" for model in ("m0", "m1", "m2", "m3", "twins")]
        assert sorted(outcome.written) == sorted([*expected, *(f"rivals@v1.{2 * number + n}.0" for n in range(2))])
    for model in set(artifacts):
        assert len(check_chain(root, model)) == count * (2 if model == "rivals" else 1)
    branch = git(root, "log", "--format=%s").splitlines()
    assert len([subject for subject in branch if re.match("Register (m.|rivals|twins) ", subject)]) == 7 * count
    assert git(root, "status", "--porcelain", "--", "models", "*.dvc") == ""
    ignored = git(root, "show", "HEAD:.gitignore").splitlines()
    assert Counter(ignored) == Counter(set(ignored))
    assert {f"/a{place}.bin" for place in range(6)} | {"/twins.bin"} <= set(ignored)
    _check_verified(root)


def test_git_writes_at_the_same_time(fresh_registry: Callable[[], Path], rounds: Callable[[int, int], int]) -> None:
    root = fresh_registry()
    before, count = check_chain(root, "churn"), rounds(6, 40)
    file, target = str(root / "fresh.bin"), git(root, "rev-parse", "refs/tags/churn@v1.0.0")
    noted = facts_on(root, "churn@v1.0.0")
    registering: list[Job] = [("register", ["fresh", file], {"params": {"seed": n}}) for n in range(rounds(2, 12))]
    changing: list[Job] = []
    for number in range(count):
        changing.append(("promote", [f"churn@1.{number % 2}.0", "production"], {}))
        changing.append(("annotate", ["churn@1.0.0", {f"ours.{number}": number}], {}))
    foreign = _start("foreign.py", root, str(count), target)
    outcome = _at_once([*_workers(root, [registering, changing]), foreign])
    assert outcome.refused == []
    tags, keys = [t for t in outcome.written if "@" in t], [k for k in outcome.written if "@" not in k]
    assert sorted([*check_chain(root, "churn"), *check_chain(root, "fresh")]) == sorted([*before, *tags])
    assert check_chain(root, "fresh") == [f"fresh@v1.{number}.0" for number in range(len(registering))]
    assert facts_on(root, "churn@v1.0.0") == noted + Counter([*keys, *(f"foreign.{n}" for n in range(count))])
    branch = Counter(git(root, "log", "--format=%s").splitlines())
    assert all(branch[f"foreign-{n}.txt"] == 1 for n in range(count))
    assert all(branch[f"Register fresh v1.{n}.0"] == 1 for n in range(len(registering)))
    assert len(git(root, "for-each-ref", "refs/foreign").splitlines()) == count
    assert git(root, "status", "--porcelain", "--", "models", "*.dvc", "foreign-*") == ""
    check_whole(root)
    _check_verified(root)


def test_linked_work_trees_write_at_the_same_time(
    fresh_registry: Callable[[], Path], rounds: Callable[[int, int], int]
) -> None:
    root, count = fresh_registry(), rounds(2, 15)
    trees = [root, root.parent / "second", root.parent / "third"]
    git(root, "worktree", "add", "--quiet", "-b", "second", str(trees[1]))
    git(root, "worktree", "add", "--quiet", "--detach", str(trees[2]))
    before, jobs = check_chain(root, "churn"), []
    for place, tree in enumerate(trees):
        write(tree / ".dvc" / "config.local", f"[cache]\n    dir = {root / '.dvc' / 'cache'}\n")
        write(tree / "own.bin", f"{place}".encode() * 1000)
        file, mine = str(tree / "own.bin"), list[Job]()
        for number in range(count):
            mine.append(("register", [f"own{place}", file], {"params": {"seed": number}}))
            mine.append(("promote", [f"churn@1.{(place + number) % 2}.0", "production"], {}))
            mine.append(("annotate", ["churn@1.1.0", {f"t{place}.n{number}": number}], {}))
        jobs.append(mine)
    processes = [worker for tree, mine in zip(trees, jobs, strict=True) for worker in _workers(tree, [mine])]
    outcome = _at_once(processes)
    assert outcome.refused == []
    tags = [t for t in outcome.written if t.startswith("churn@")]
    assert sorted(check_chain(root, "churn")) == sorted([*before, *tags])
    for place, tree in enumerate(trees):
        assert check_chain(root, f"own{place}") == [f"own{place}@v1.{number}.0" for number in range(count)]
        assert git(tree, "rev-parse", "HEAD") == git(root, "rev-parse", f"own{place}@v1.{count - 1}.0^{{commit}}")
        assert git(tree, "status", "--porcelain", "--", "models", "*.dvc") == ""
        _check_verified(tree)
    assert facts_on(root, "churn@v1.1.0") == Counter(f"t{place}.n{n}" for place in range(3) for n in range(count))
