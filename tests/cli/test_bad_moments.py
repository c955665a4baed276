"""A registration that somebody stops: hooks, locks of other programs, Ctrl-C. The same command again completes it."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from mreg.adapters.dvc.repo import patiently
from mreg.adapters.files import write_atomic
from mreg.usecases.register.publication import publish
from tests.cli.badinput import CARD, Place, first_work_fixture, unchanged, work_fixture  # noqa: F401
from tests.gitrepos import write, write_hook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REGISTER = ("register", "churn", "churn.pkl", "--metric", "f1=0.95")
PROMOTE = ("promote", "churn@v1.1.0", "production")
ANNOTATE = ("annotate", "churn@v1.0.0", "checked=true")


def _completes(work: Place) -> None:
    """The same command again, and everything is as if it had never failed."""
    work.done(*REGISTER)
    assert work.git("status", "--porcelain") == ""
    assert work.git("tag", "--list", "churn@v1.2.0") == "churn@v1.2.0"
    assert "weights 4" in work.root.joinpath("churn.pkl").read_text()
    work.done("verify", "--deep")


@pytest.mark.parametrize("hook", ["pre-commit", "commit-msg"])
def test_a_hook_that_refuses(work: Place, hook: str) -> None:
    """As after a refused `git commit`, card and pointer stay in the work tree: the hook may be about them."""
    script = write_hook(work.root, hook, "echo 'the card has no owner' >&2; exit 1")
    before = work.state()
    ran = work.mreg(*REGISTER)
    assert ran.code == 3
    assert ran.err.startswith(f"mreg: the {hook} hook refused the commit:\nthe card has no owner\nhint: mend what")
    unchanged(before, work.state(), but=("status", "files", "cache"))
    assert work.git("diff", "--name-only").split() == ["churn.pkl.dvc", CARD]
    script.unlink()
    _completes(work)


def test_a_hook_that_mends(work: Place) -> None:
    """Formatters change the file and fail once: what they did is not undone."""
    write_hook(work.root, "pre-commit", f"grep -q owners {CARD} || {{ echo 'owners: []' >> {CARD}; exit 1; }}")
    assert work.mreg(*REGISTER).code == 3
    work.done(*REGISTER)
    assert "owners: []" in work.git("show", f"churn@v1.2.0:{CARD}")


def test_a_hook_that_refuses_refs(work: Place) -> None:
    hook = write_hook(work.root, "reference-transaction", "echo 'closed on Fridays' >&2; exit 1")
    before = work.state()
    for command in (REGISTER, PROMOTE, ANNOTATE):
        ran = work.mreg(*command)
        assert ran.code == 3
        assert "closed on Fridays" in ran.err
        assert "\nhint: " in ran.err
        unchanged(before, work.state(), but=("cache",))
    hook.unlink()
    _completes(work)


@pytest.mark.parametrize("lock", ["index", "refs/heads/main", "refs/tags/churn@v1.2.0", "refs/mreg/churn@head"])
def test_a_lock_of_another_git(work: Place, lock: str) -> None:
    path = write(work.root / ".git" / f"{lock}.lock", "")
    before = work.state()
    began = time.monotonic()
    ran = work.mreg(*REGISTER)
    assert time.monotonic() - began < 10
    assert ran.code == 3
    assert f"{lock}.lock': File exists" in ran.err
    assert "\nhint: wait for the git process that holds the lock" in ran.err
    assert path.exists()
    unchanged(before, work.state(), but=("cache",))
    path.unlink()
    _completes(work)


def test_registered_and_not_promoted(work: Place) -> None:
    lock = write(work.root / ".git" / "refs" / "tags" / "churn@v1.2.0-production.lock", "")
    ran = work.mreg(*REGISTER, "--stage", "production")
    assert ran.code == 3
    assert "\nhint: churn v1.2.0 is registered, and only not promoted: wait for the git process" in ran.err
    lock.unlink()
    work.done(*REGISTER, "--stage", "production")
    work.done("verify")
    assert "v1.2.0" in work.done("resolve", "churn@production").out


def test_a_lock_that_is_soon_gone(work: Place) -> None:
    """An editor looks at the index now and then: that stops nobody."""
    path = write(work.root / ".git" / "index.lock", "")
    with subprocess.Popen(["sh", "-c", f"sleep 0.3; rm {path}"]):
        _completes(work)


def test_locks_of_other_refs(work: Place) -> None:
    write(work.root / ".git" / "refs" / "heads" / "main.lock", "")
    work.done(*PROMOTE)
    work.done(*ANNOTATE)


_HOLD_DVC = """
import sys
from dvc.repo import Repo

with Repo(sys.argv[1]) as repo, repo.lock:
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def dvc_at_work(work: Place) -> Iterator[subprocess.Popen[bytes]]:
    """Another process holds DVC's lock until its input is closed."""
    command = [sys.executable, "-c", _HOLD_DVC, str(work.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process


def test_a_lock_of_another_dvc(
    work: Place, dvc_at_work: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dvc_at_work.stdin is not None
    assert patiently.__kwdefaults__ is not None
    monkeypatch.setitem(patiently.__kwdefaults__, "patience", 0.0)
    says, hint = f"another DVC process has held the lock of {work.root}", "wait until it has finished"
    work.refused(*REGISTER, code=3, says=says, hint=hint)
    for command in (("ls",), ("verify", "--deep"), ("get", "churn@v1.0.0", "-o", "out"), PROMOTE):
        work.done(*command)
    dvc_at_work.stdin.close()
    dvc_at_work.wait()
    work.git("clean", "--quiet", "--force", "-d", "out")
    _completes(work)


@pytest.mark.parametrize("step", ["gather", "obtain", "write_atomic", "publish"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_stopped_in_the_middle(
    work: Place, monkeypatch: pytest.MonkeyPatch, step: str, stop: type[BaseException]
) -> None:
    """Ctrl-C, and what no program expects: what was written is taken back."""

    def stopped(*_: object, **__: object) -> None:
        raise stop

    before = work.state()
    with monkeypatch.context() as patch:
        patch.setattr(f"mreg.usecases.register.registration.{step}", stopped)
        ran = work.mreg(*REGISTER)
    if stop is KeyboardInterrupt:
        assert ran.code == 130
        assert "Traceback" not in ran.err
    assert ran.code != 0
    unchanged(before, work.state(), but=("cache",))
    _completes(work)


def test_stopped_when_the_refs_were_moved(work: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is taken back: the work tree is what the new commit holds."""

    def publish_and_stop(*args: Any) -> None:
        publish(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mreg.usecases.register.registration.publish", publish_and_stop)
        assert work.mreg(*REGISTER).code == 130
    assert work.git("status", "--porcelain") == ""
    _completes(work)


def test_stopped_while_copying_from_outside(work: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = write(tmp_path / "model.pkl", "from outside")

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for step in ("mreg.adapters.copying.install", "mreg.usecases.register.registration.publish"):
        before = work.state()
        with monkeypatch.context() as patch:
            patch.setattr(step, stopped)
            assert work.mreg("register", "bert", outside).code == 130
        unchanged(before, work.state(), but=("cache",))
    work.done("register", "bert", outside)
    work.done("verify", "--deep")


def test_somebody_else_registers_meanwhile(work: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking and writing, the version was taken: nothing is overwritten."""

    def and_another(path: Path, data: bytes) -> None:
        write_atomic(path, data)
        work.git("tag", "--annotate", "--message", "By hand", "churn@v1.2.0", "HEAD")

    with monkeypatch.context() as patch:
        patch.setattr("mreg.usecases.register.registration.write_atomic", and_another)
        ran = work.mreg(*REGISTER)
    assert ran.code == 1
    assert "churn v1.2.0 is registered already" in ran.err
    assert work.git("status", "--porcelain") == ""
    work.done(*REGISTER)
    assert work.git("tag", "--list", "churn@v1.3.0") == "churn@v1.3.0"
