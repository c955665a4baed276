"""SIGKILL at any instant: nothing is lost or half done, and the same command run again completes it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.gitrepos import git
from tests.torture.conftest import LONG
from tests.torture.registries import (
    FORMS,
    Form,
    State,
    artifact_of,
    check_whole,
    left_behind,
    others_work,
    read_state,
    use_links,
)

if TYPE_CHECKING:
    from collections import Counter
    from random import Random

    from tests.torture.victims import Nursery, Victim

Watch = Callable[[], bool]
"""Whether something is so by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A command as it goes when nobody disturbs it.

    Attributes:
        before, after: The repository's state.
        seconds: How long it takes.
        steps: How many it takes, as `nursery.py` counts them.
    """

    form: Form
    before: State
    after: State
    seconds: float
    steps: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A copy of the registry for one kill, with what must not change in it."""

    root: Path
    others: dict[str, str]
    artifact: dict[str, str]


@dataclass(frozen=True, slots=True)
class Theatre:
    """Makes a scene for a form, and has the processes."""

    fresh_registry: Callable[[], Path]
    nursery: Nursery

    def scene(self, form: Form, *, packed: bool = False) -> Scene:
        root = self.fresh_registry()
        if form.links:
            use_links(root, form.links)
        if packed:
            git(root, "pack-refs", "--all")
        return Scene(root, others_work(root, form), artifact_of(root, form))


@pytest.fixture
def theatre(fresh_registry: Callable[[], Path], nursery: Nursery) -> Theatre:
    return Theatre(fresh_registry, nursery)


@pytest.fixture(scope="module")
def courses() -> dict[str, Course]:
    """Those that were measured, by the form's name."""
    return {}


@pytest.fixture(params=FORMS, ids=lambda form: form.name.replace(" ", "-"))
def course(request: pytest.FixtureRequest, courses: dict[str, Course], theatre: Theatre) -> Course:
    form: Form = request.param
    if form.name not in courses:
        courses[form.name] = _measure(form, theatre)
    return courses[form.name]


def _measure(form: Form, theatre: Theatre) -> Course:
    scene = theatre.scene(form)
    before, began = read_state(scene.root), time.monotonic()
    victim = theatre.nursery.start(scene.root, *form.argv, die_at=1_000_000)
    code, seconds = victim.wait(), time.monotonic() - began
    assert code == 0, victim.output
    course = Course(form=form, before=before, after=read_state(scene.root), seconds=seconds, steps=victim.steps)
    assert course.after.tags == before.tags | set(form.tags), victim.output
    assert course.after.commits == before.commits + (1 if form.own else 0)
    assert len(course.after.facts) == len(before.facts) + form.note
    _check_kept(scene, form)
    assert left_behind(scene.root) == []
    check_whole(scene.root)
    return course


def _check_kept(scene: Scene, form: Form) -> None:
    assert others_work(scene.root, form) == scene.others
    assert artifact_of(scene.root, form) == scene.artifact


def _appears(pattern: str) -> Callable[[Path], Watch]:
    """A file of this name, in which a star stands for anything, that was not there before."""
    folder, _, name = pattern.rpartition("/")
    first, _, last = name.partition("*")

    def watch(root: Path) -> Watch:
        place = root / folder
        known = set(_names(place))
        return lambda: any(n.startswith(first) and n.endswith(last) and n not in known for n in _names(place))

    return watch


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - a busy loop: names alone, and many times a millisecond
    except FileNotFoundError:
        return []


def _changes(path: str) -> Callable[[Path], Watch]:
    """Another file has this name than before."""

    def watch(root: Path) -> Watch:
        before = _identity(root / path)
        return lambda: _identity(root / path) != before

    return watch


def _identity(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


MOMENTS = {
    "a temporary folder of ours": _appears(".git/mreg/.mreg-*.tmp"),
    "the journal": _appears(".git/mreg/journal"),
    "the lock of the index": _appears(".git/index.lock"),
    "a new index": _changes(".git/index"),
    "the lock of HEAD": _appears(".git/HEAD.lock"),
    "the lock of the branch": _appears(".git/refs/heads/main.lock"),
    "a new branch": _changes(".git/refs/heads/main"),
    "the lock of a tag": _appears(".git/refs/tags/*.lock"),
    "a new tag": _appears(".git/refs/tags/*"),
    "the lock of a head": _appears(".git/refs/mreg/*.lock"),
    "the lock of the notes": _appears(".git/refs/notes/mreg.lock"),
    "new notes": _changes(".git/refs/notes/mreg"),
    "a pointer": _appears("*.dvc"),
    "half a card": _appears("models/churn/.mreg-*.tmp"),
    "half a copy": _appears("models/guest/.mreg-*.tmp"),
    "DVC's lock": _appears(".dvc/tmp/rwlock"),
}


def _kill_at(victim: Victim, instant: float | Watch, *, group: bool) -> bool:
    """Kill after so many seconds, or as soon as something is so; False where the command was faster."""
    if callable(instant):
        while not instant():
            if victim.ends_within(0):
                return False
    elif victim.ends_within(instant):
        return False
    victim.kill(group=group)
    return victim.wait() < 0


def _check_after_kill(course: Course, scene: Scene) -> str:
    """Check what holds at any instant, and say in words what the kill came to."""
    now, left = read_state(scene.root), left_behind(scene.root)
    check_whole(scene.root)
    assert others_work(scene.root, course.form) == scene.others
    kept = artifact_of(scene.root, course.form)
    if course.form.links:  # DVC removes a file, and then links: running the command again puts it back
        assert len(kept.items() ^ scene.artifact.items()) <= 1
    else:
        assert kept == scene.artifact
    assert course.before.tags <= now.tags <= course.after.tags
    assert course.before.commits <= now.commits <= course.after.commits
    return _in_words(course, now, left)


def _in_words(course: Course, now: State, left: list[str]) -> str:
    if _refs(now) == _refs(course.after):
        return "after, with something left to clean up" if left else "after"
    if _refs(now) != _refs(course.before):
        return "in the middle: some refs were moved"
    if left:
        return "in the middle: locks, the journal or temporary files were left"
    return "before" if now.status == course.before.status else "in the middle: files were written"


def _refs(state: State) -> tuple[object, ...]:
    return state.tags, state.heads, state.commits, state.facts


def _check_run_again(course: Course, scene: Scene, nursery: Nursery) -> None:
    code, output = nursery.run(scene.root, *course.form.argv)
    assert code == 0, output
    assert left_behind(scene.root) == []
    assert read_state(scene.root) == course.after, output
    _check_kept(scene, course.form)
    check_whole(scene.root)
    code, output = nursery.run(scene.root, "verify", "--deep")
    assert code == 0, output


def test_at_random_instants(
    course: Course, theatre: Theatre, chance: Random, rounds: Callable[[int, int], int], tally: Counter[str]
) -> None:
    kills = 0
    while kills < rounds(1, 15):
        scene = theatre.scene(course.form, packed=chance.random() < 0.5)
        moment = chance.choice(sorted(MOMENTS)) if chance.random() < 0.6 else None
        instant = MOMENTS[moment](scene.root) if moment else chance.uniform(0, course.seconds)
        group, at_once = chance.random() < 0.5, chance.random() < 0.3
        print(f"{course.form.name} at {moment or instant}: {group=}, {at_once=}")
        victim = theatre.nursery.start(scene.root, *course.form.argv)
        if not _kill_at(victim, instant, group=group):
            assert victim.wait() == 0, victim.output
            continue
        kills += 1
        tally[f"kills of {course.form.argv[0]}"] += 1
        if not at_once:
            victim.settle()
            tally[_check_after_kill(course, scene)] += 1
        _check_run_again(course, scene, theatre.nursery)
        victim.settle()


@pytest.mark.skipif(not LONG, reason="MREG_TORTURE=long only")
def test_at_every_step(course: Course, theatre: Theatre, chance: Random, tally: Counter[str]) -> None:
    """Just before each change to a file and each new process, and just after the opening of a file to be written."""
    for step in sorted(chance.sample(range(1, course.steps + 1), min(course.steps, 40))):
        scene = theatre.scene(course.form)
        victim = theatre.nursery.start(scene.root, *course.form.argv, die_at=step, group=chance.random() < 0.5)
        if victim.wait() == 0:  # DVC has made some of its folders by now, and takes fewer steps than the first time
            continue
        print(f"{course.form.name}, step {step} of {course.steps}: {victim.output}")
        tally[f"kills of {course.form.argv[0]}"] += 1
        victim.settle()
        tally[_check_after_kill(course, scene)] += 1
        _check_run_again(course, scene, theatre.nursery)
