"""SIGKILL at any instant: nothing is lost or half done, and the same command run again completes it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.gitrepos import git
from tests.torture.registries import FORMS, Form, State, check_whole, left_behind, others_work, read_state, use_links

if TYPE_CHECKING:
    from collections import Counter
    from random import Random

    from tests.torture.victims import Nursery, Victim

Fresh = Callable[[], Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One form of command, as it goes when nobody disturbs it.

    Attributes:
        before, after: The repository's state.
        seconds: How long it takes.
    """

    form: Form
    before: State
    after: State
    seconds: float


@pytest.fixture(scope="module")
def courses() -> dict[str, Course]:
    return {}


@pytest.fixture(params=FORMS, ids=lambda form: form.name.replace(" ", "-"))
def course(request: pytest.FixtureRequest, courses: dict[str, Course], nursery: Nursery, prepared: Callable[[Form], Path]) -> Course:
    form: Form = request.param
    if form.name not in courses:
        courses[form.name] = _measure(form, prepared(form), nursery)
    return courses[form.name]


@pytest.fixture
def prepared(fresh_registry: Fresh) -> Callable[[Form], Path]:
    """A copy of the registry that is ready for a form."""

    def prepare(form: Form) -> Path:
        root = fresh_registry()
        if form.links:
            use_links(root)
        return root

    return prepare


def _measure(form: Form, root: Path, nursery: Nursery) -> Course:
    before, others = read_state(root), others_work(root, form)
    began = time.monotonic()
    code, output = nursery.run(root, *form.argv)
    seconds = time.monotonic() - began
    after = read_state(root)
    assert code == 0, output
    assert after.tags == before.tags | set(form.tags), output
    assert after.commits == before.commits + (1 if form.own else 0)
    assert (after.facts == before.facts) is not form.note
    assert others_work(root, form) == others
    assert left_behind(root) == []
    check_whole(root)
    return Course(form=form, before=before, after=after, seconds=seconds)


def _exists(pattern: str) -> Callable[[Path], Callable[[], bool]]:
    """A file of this name is there; a star stands for the last part of one."""
    folder, _, name = pattern.rpartition("/")
    first, star, last = name.partition("*")

    def watch(root: Path) -> Callable[[], bool]:
        if not star:
            return (root / pattern).exists
        place, known = root / folder, set(_names(root / folder))
        return lambda: any(n.startswith(first) and n.endswith(last) and n not in known for n in _names(place))

    return watch


def _names(folder: Path) -> list[str]:
    import os

    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _changes(path: str) -> Callable[[Path], Callable[[], bool]]:
    """Another file has this name than before."""

    def watch(root: Path) -> Callable[[], bool]:
        before = _identity(root / path)
        return lambda: _identity(root / path) != before

    return watch


def _identity(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


MOMENTS = {
    "a temporary folder": _exists(".git/mreg/tmp-*"),
    "the journal": _exists(".git/mreg/journal"),
    "the lock of the index": _exists(".git/index.lock"),
    "a new index": _changes(".git/index"),
    "the lock of HEAD": _exists(".git/HEAD.lock"),
    "the lock of the branch": _exists(".git/refs/heads/main.lock"),
    "a new branch": _changes(".git/refs/heads/main"),
    "the lock of a tag": _exists(".git/refs/tags/*.lock"),
    "a new tag": _exists(".git/refs/tags/*"),
    "the lock of a head": _exists(".git/refs/mreg/*.lock"),
    "the lock of the notes": _exists(".git/refs/notes/mreg.lock"),
    "new notes": _changes(".git/refs/notes/mreg"),
    "a pointer": _exists("*.dvc"),
    "half a card": _exists("models/churn/.mreg-*"),
    "half a copy": _exists("models/guest/.mreg-*"),
    "DVC's lock": _exists(".dvc/tmp/rwlock"),
}


def _kill_at(victim: Victim, instant: float | Callable[[], bool], *, group: bool) -> bool:
    """Kill at a time, in seconds, or as soon as something is so; returns False where the command was faster."""
    if callable(instant):
        while not instant():
            if victim.ends_within(0):
                return False
    elif victim.ends_within(instant):
        return False
    victim.kill(group=group)
    return victim.wait() < 0


def _outcome(course: Course, now: State, left: list[str]) -> str:
    """What a kill came to, in words."""
    refs = (now.tags, now.heads, now.commits, now.facts)
    if refs == (course.after.tags, course.after.heads, course.after.commits, course.after.facts):
        return "after" if not left else "after, and something was left to clean up"
    if refs == (course.before.tags, course.before.heads, course.before.commits, course.before.facts):
        if left:
            return "in the middle: locks, the journal or temporary files were left"
        return "before" if now.status == course.before.status else "in the middle: files were written, refs were not"
    return "in the middle: some refs were moved"


def _check_after_kill(course: Course, root: Path, others: dict[str, str]) -> str:
    now, left = read_state(root), left_behind(root)
    check_whole(root)
    assert others_work(root, course.form) == others
    assert course.before.tags <= now.tags <= course.after.tags
    assert course.before.commits <= now.commits <= course.after.commits
    return _outcome(course, now, left)


def _check_rerun(course: Course, root: Path, others: dict[str, str], nursery: Nursery) -> None:
    code, output = nursery.run(root, *course.form.argv)
    assert code == 0, output
    assert left_behind(root) == []
    assert read_state(root) == course.after, output
    assert others_work(root, course.form) == others
    check_whole(root)
    code, output = nursery.run(root, "verify", "--deep")
    assert code == 0, output


def test_at_random_instants(
    course: Course,
    prepared: Callable[[Form], Path],
    nursery: Nursery,
    chance: Random,
    rounds: Callable[[int, int], int],
    tally: Counter[str],
) -> None:
    kills = 0
    while kills < rounds(1, 20):
        root = prepared(course.form)
        if chance.random() < 0.5:
            git(root, "pack-refs", "--all")
        others = others_work(root, course.form)
        watched = chance.choice(sorted(MOMENTS))
        at_a_moment, group, at_once = chance.random() < 0.6, chance.random() < 0.5, chance.random() < 0.3
        instant = MOMENTS[watched](root) if at_a_moment else chance.uniform(0, course.seconds)
        victim = nursery.start(root, *course.form.argv)
        killed = _kill_at(victim, instant, group=group)
        print(f"{course.form.name}: {watched if at_a_moment else instant}, group={group}, at once={at_once}, {killed=}")
        if not killed:
            assert victim.wait() == 0, victim.output
            continue
        kills += 1
        tally[f"kills of {course.form.argv[0]}"] += 1
        if not at_once:
            victim.settle()
            tally[_check_after_kill(course, root, others)] += 1
        _check_rerun(course, root, others, nursery)
        victim.settle()
