"""`mreg watch`: a command that runs once for every change, whatever happens to the watcher."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mreg.adapters.shell import Shell
from mreg.adapters.views import parse_address
from mreg.registry import Registry
from mreg.usecases.elsewhere import Elsewhere
from mreg.usecases.watching import WatchRemark
from mreg.usecases.watching import watch as looking
from tests.cli.program import SCRIPT
from tests.cli.snapshot import check
from tests.servers.processes import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.projects import Project

PATIENCE = 60
"""Seconds until a test gives up on what it waits for."""


class Watcher:
    """A watch that is running."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._rest: dict[int, bytes] = {}

    def line(self) -> str:
        """Its next line on stdout."""
        return self._line(self.process.stdout)

    def run(self) -> str:
        """The same without the time."""
        return re.sub(r"^\S+Z  ", "", self.line())

    def says(self) -> str:
        """Its next line on stderr."""
        return self._line(self.process.stderr)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def rest(self) -> tuple[str, str]:
        """What else it printed, once it has ended."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return out.decode(), err.decode()

    def _line(self, stream: Any) -> str:
        descriptor = stream.fileno()
        text = self._rest.pop(descriptor, b"")
        while b"\n" not in text:
            text += read_from(descriptor)
        line, _, self._rest[descriptor] = text.partition(b"\n")
        return line.decode()


def read_from(descriptor: int) -> bytes:
    """What comes next; an assertion where nothing does."""
    assert select.select([descriptor], [], [], PATIENCE)[0], "nothing came"
    data = os.read(descriptor, 1 << 16)
    assert data, "it ended"
    return data


@contextmanager
def watch(project: Project, *arguments: str | Path, folder: Path | None = None) -> Iterator[Watcher]:
    command = [SCRIPT, "watch", *arguments, "--interval", "0.1"]
    with subprocess.Popen(
        command,
        cwd=folder or project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as process:
        try:
            yield Watcher(process)
        finally:
            process.kill()


@contextmanager
def fifo(path: Path) -> Iterator[int]:
    """A pipe with a name, which a command writes to or waits for."""
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    yield descriptor
    os.close(descriptor)


KEEP = 'echo "$MREG_PREVIOUS>$MREG_VERSION" >> "$RUNS"'
"""Keeps each run in a file."""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `KEEP` keeps them."""
    monkeypatch.setenv("RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def promote(project: Project, version: str, model: str = "cancer") -> None:
    project.mreg("promote", f"{model}@v{version}", "production")


def test_once_per_change(registry: Project, runs: Path) -> None:
    with watch(registry, "cancer", "--exec", KEEP) as watcher:
        assert watcher.run() == "cancer@v1.0.0  exit code 0"
        promote(registry, "1.1.0")
        assert watcher.run() == "cancer@v1.1.0  exit code 0"
        registry.mreg("promote", "cancer@v2.0.0-rc.1", "archived")  # somebody else's change
        registry.mreg("rollback", "cancer")
        assert watcher.run() == "cancer@v1.0.0  exit code 0"
        assert watcher.end() == 0
        assert watcher.rest() == ("", "")
    assert runs.read_text() == ">1.0.0\n1.0.0>1.1.0\n1.1.0>1.0.0\n"


def test_it_resumes(registry: Project, runs: Path) -> None:
    """What happened while nobody watched is one change, or none."""
    command = ("cancer@production", "--exec", KEEP)
    with watch(registry, *command) as watcher:
        watcher.run()
        watcher.end()
    promote(registry, "1.1.0")
    promote(registry, "2.0.0-rc.1")
    with watch(registry, *command) as watcher:
        assert watcher.run() == "cancer@v2.0.0-rc.1  exit code 0"
        watcher.end(signal.SIGKILL)
    with watch(registry, *command) as watcher:
        promote(registry, "1.1.0")
        assert watcher.run() == "cancer@v1.1.0  exit code 0"
        watcher.end()
    assert runs.read_text() == ">1.0.0\n1.0.0>2.0.0-rc.1\n2.0.0-rc.1>1.1.0\n"


def test_another_folder_is_other_work(registry: Project, tmp_path: Path) -> None:
    """What was put into one folder is not in another one."""
    command = ("cancer", "--repo", registry.root, "--exec", "touch got")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with watch(registry, *command, folder=tmp_path / name) as watcher:
            assert watcher.run() == "cancer@v1.0.0  exit code 0"
            watcher.end()
        assert (tmp_path / name / "got").exists()


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_was_run_for_already_is_said(registry: Project, tmp_path: Path, form: tuple[str, ...]) -> None:
    command = ("cancer", "--exec", "true", *form)
    with watch(registry, *command) as watcher:
        watcher.line()
        watcher.end()
    with watch(registry, *command) as watcher:
        assert watcher.says() == "mreg: cancer@v1.0.0 was run for already; waiting for another version"
        hint = re.fullmatch("hint: to run it once more, remove (.+), and start the watch again", watcher.says())
        assert hint
        promote(registry, "1.1.0")
        watcher.line()
        promote(registry, "1.0.0")
        watcher.line()
        watcher.end()
        assert watcher.rest() == ("", "")  # it is said once
    Path(hint[1]).unlink()
    with watch(registry, *command) as watcher:
        assert "cancer@v1.0.0" in watcher.line()


def test_a_folder_that_is_gone(registry: Project, tmp_path: Path) -> None:
    script = f"mkdir gone && cd gone && rmdir ../gone && exec {SCRIPT} watch cancer --repo {registry.root} --exec true"
    ended = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert "Traceback" not in ended.stderr


def test_what_the_command_is_told(registry: Project, tmp_path: Path) -> None:
    """It runs where the watch was started, reads nothing, and writes to stderr."""
    (tmp_path / "elsewhere").mkdir()
    command = ("-C", registry.root, "cancer@champion", "--exec", "pwd; cat; env | grep ^MREG_ | sort")
    with watch(registry, *command, folder=tmp_path / "elsewhere") as watcher:
        watcher.run()
        watcher.end()
        out, said = watcher.rest()
    assert out == ""
    foreign = ("MREG_SNAPSHOTS", "MREG_TORTURE")
    assert [line for line in said.splitlines() if not line.startswith(foreign)] == [
        str(tmp_path / "elsewhere"),
        f"MREG_COMMIT={registry.git('rev-parse', 'cancer@v1.1.0^{commit}')}",
        "MREG_MODEL=cancer",
        "MREG_PREVIOUS=",
        "MREG_REF=cancer@v1.1.0",
        "MREG_STAGE=champion",
        "MREG_TAG=cancer@v1.1.0",
        "MREG_VERSION=1.1.0",
    ]


def test_json(registry: Project) -> None:
    with watch(registry, "cancer", "--exec", "exit $((3 * ${#MREG_PREVIOUS}))", "--json") as watcher:
        first = json.loads(watcher.line())
        promote(registry, "1.1.0")
        second = watcher.line()
        assert watcher.says().startswith("mreg: the command failed for cancer@v1.1.0 with exit code 15; it will be")
    check("watch.json", re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", second + "\n"))
    assert first["data"]["previous"] is None
    assert first["data"]["exit_code"] == 0


def test_a_command_that_fails_is_run_again(registry: Project, runs: Path) -> None:
    command = f"{KEEP}; test -e ready || exit 3"
    with watch(registry, "cancer", "--exec", command) as watcher:
        assert watcher.run() == "cancer@v1.0.0  exit code 3"
        assert watcher.says() == ("mreg: the command failed for cancer@v1.0.0 with exit code 3; it will be run again")
        assert watcher.run() == "cancer@v1.0.0  exit code 3"
        promote(registry, "1.1.0")
        registry.write("ready", "")
        while (line := watcher.run()).endswith("exit code 3"):
            pass
        assert line == "cancer@v1.1.0  exit code 0"
        watcher.end()
    assert runs.read_text().splitlines()[-1] == ">1.1.0"  # none before it succeeded


WAIT = f"{KEEP}; echo begun > told; read answer < gate"


def test_killed_while_the_command_runs(registry: Project, runs: Path) -> None:
    with fifo(registry.root / "told") as told, fifo(registry.root / "gate") as gate:
        with watch(registry, "cancer", "--exec", WAIT) as watcher:
            assert read_from(told) == b"begun\n"
            watcher.end(signal.SIGKILL)
        os.write(gate, b"go on\n")  # for the command, which has lost its watcher
        with watch(registry, "cancer", "--exec", WAIT) as watcher:
            assert read_from(told) == b"begun\n"
            os.write(gate, b"go on\n")
            assert watcher.run() == "cancer@v1.0.0  exit code 0"
    assert runs.read_text() == ">1.0.0\n" * 2


@pytest.mark.parametrize(("trap", "code"), [("trap 'echo ended >> \"$RUNS\"; exit 0' TERM;", 0), ("", 143)])
def test_sigterm_is_passed_on(registry: Project, runs: Path, trap: str, code: int) -> None:
    # The child tells that it is there: a signal that comes while it is being made might miss it.
    command = f"{trap} {KEEP}; {{ echo begun > told; exec cat gate; }} & wait"
    with fifo(registry.root / "told") as told, fifo(registry.root / "gate"):
        with watch(registry, "cancer", "--exec", command) as watcher:
            read_from(told)
            assert watcher.end() == 0
            assert watcher.rest()[0].endswith(f"  cancer@v1.0.0  exit code {code}\n")
        promote(registry, "1.1.0")
        with watch(registry, "cancer", "--exec", command):
            read_from(told)
    kept = [line for line in runs.read_text().splitlines() if line != "ended"]
    assert kept == [">1.0.0", "1.0.0>1.1.0" if code == 0 else ">1.1.0"]


def test_interrupted(registry: Project, runs: Path) -> None:
    with fifo(registry.root / "told") as told, fifo(registry.root / "gate"):
        with watch(registry, "cancer", "--exec", f"trap 'echo ended >> $RUNS; exit 0' INT; {WAIT}") as watcher:
            read_from(told)
            assert watcher.end(signal.SIGINT) == 130
            assert watcher.rest() == ("", "mreg: interrupted; it is safe to run the same command again\n")
        with watch(registry, "cancer", "--exec", "true") as watcher:
            watcher.run()
            assert watcher.end(signal.SIGINT) == 130
    assert runs.read_text() == ">1.0.0\nended\n"


def test_two_watchers(registry: Project) -> None:
    with watch(registry, "cancer", "--exec", "true") as first:
        first.run()
        ran = registry.mreg("watch", "cancer@production", "--exec", "true", code=1)
        check("watch-twice.txt", ran.err, folder=registry.root)
        with watch(registry, "cancer", "--exec", "true;") as second:
            second.run()


def test_nobody_is_no_change(registry: Project, runs: Path) -> None:
    with watch(registry, "nlp/sentiment", "--exec", KEEP) as watcher:
        assert watcher.says() == "mreg: nlp/sentiment has no version in production: nothing to run for"
        watcher.says()
        promote(registry, "1.0.0", "nlp/sentiment")
        assert watcher.run() == "nlp/sentiment@v1.0.0  exit code 0"
        registry.mreg("archive", "nlp/sentiment@v1.0.0")
        assert watcher.says() == "mreg: nlp/sentiment has no version in production: nothing to run for"
        watcher.says()
        promote(registry, "1.0.0", "nlp/sentiment")  # as it was
        watcher.end()
        assert watcher.rest() == ("", "")
    assert runs.read_text() == ">1.0.0\n"


@pytest.mark.parametrize(
    ("ref", "said"), [("cancr", "no model cancr is"), ("cancer@v1.2.0", "cancer v1.2.0 is yanked")]
)
def test_what_cannot_be_run_for(registry: Project, ref: str, said: str) -> None:
    with watch(registry, ref, "--exec", "false") as watcher:
        assert watcher.says().startswith(f"mreg: {said}")


def test_a_look_that_fails(registry: Project) -> None:
    with watch(registry, "cancer", "--exec", "true") as watcher:
        watcher.run()
        (registry.root / ".git").rename(registry.root / "gone")
        assert watcher.says().endswith("is not inside a git repository; looking again, ever less often")
        watcher.says()
        (registry.root / "gone").rename(registry.root / ".git")
        promote(registry, "1.1.0")
        assert watcher.run() == "cancer@v1.1.0  exit code 0"
        watcher.end()
        assert watcher.rest() == ("", "")


def test_a_server_that_says_nothing(registry: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By git://, which knows no limit of its own: the look ends, no git is left, and the next one comes."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    before = psutil.Process().children(recursive=True)  # other tests' servers
    with socket.create_server((HOST, 0)) as server:
        url = f"git://{HOST}:{server.getsockname()[1]}/models.git"
        there = Elsewhere(parse_address(url, tmp_path))
        looks = looking(there.version, url, "cancer", "true", interval=0.1, shell=Shell(), longest=0.5)
        remark = next(looks)
    assert psutil.Process().children(recursive=True) == before
    assert isinstance(remark, WatchRemark)
    assert remark.text == f"{url} has given no answer, or not all of it, within 0.5 s; looking again, ever less often"
    assert "run the same command again" not in remark.hint


def test_failing_looks_are_ever_less_frequent(registry: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            (registry.root / ".git").rename(registry.root / "gone")
        if len(waits) == 7:
            (registry.root / "gone").rename(registry.root / ".git")
        if len(waits) == 9:
            raise KeyboardInterrupt

    monkeypatch.setattr("mreg.usecases.watching.time.sleep", wait)
    with pytest.raises(KeyboardInterrupt):
        list(Registry(registry.root).watch("cancer", "true", interval=2, shell=Shell()))
    assert waits == [2, 4, 8, 16, 32, 32, 32, 2, 2]


def test_elsewhere(registry: Project, runs: Path, tmp_path: Path) -> None:
    (tmp_path / "container").mkdir()
    command = ("cancer", "--exec", KEEP, "--repo", registry.root)
    with watch(registry, *command, folder=tmp_path / "container") as watcher:
        assert watcher.run() == "cancer@v1.0.0  exit code 0"
        (registry.root / ".git").rename(registry.root / "gone")
        assert "looking again" in watcher.says()
        watcher.says()
        (registry.root / "gone").rename(registry.root / ".git")
        promote(registry, "1.1.0")
        assert watcher.run() == "cancer@v1.1.0  exit code 0"
    assert runs.read_text() == ">1.0.0\n1.0.0>1.1.0\n"


def test_who_signs_in_is_not_kept(registry: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    command = ("cancer", "--exec", "true", "--repo")
    with watch(registry, *command, "https://ada:secret@127.0.0.1:9/models.git") as watcher:
        said = watcher.says() + watcher.says()
        assert "127.0.0.1" in said
        assert said.endswith("hint: check the network")  # not: run the same command again
        assert "secret" not in said
        assert "already" in registry.mreg("watch", *command, "https://127.0.0.1:9/models.git", code=1).err
    assert not any(b"secret" in path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())


@pytest.mark.parametrize("interval", ["0", "0.01", "-1", "nan", "inf", "86401"])
def test_bad_intervals(registry: Project, interval: str) -> None:
    assert "cannot look every" in registry.mreg("watch", "cancer", "--exec", "true", "--interval", interval, code=2).err


def test_bad_requests(registry: Project, tmp_path: Path) -> None:
    assert "'--exec'" in registry.mreg("watch", "cancer", code=2).err
    assert "is empty" in registry.mreg("watch", "cancer", "--exec", " ", code=2).err
    assert "nothing follows" in registry.mreg("watch", "cancer@", "--exec", "true", code=2).err
    assert "not inside" in registry.mreg("watch", "cancer", "--exec", "true", code=3, folder=tmp_path).err


def test_no_place_for_the_state(registry: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(registry.write("file", "")))
    assert "cannot write" in registry.mreg("watch", "cancer", "--exec", "true", code=3).err


def test_a_state_that_is_none(registry: Project, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for _ in range(2):
        with watch(registry, "cancer", "--exec", KEEP) as watcher:
            watcher.run()
            watcher.end()
        (file,) = (tmp_path / "state").rglob("*.json")
        assert json.loads(file.read_text())["version"] == "1.0.0"
        assert file.parent.stat().st_mode & 0o077 == 0
        file.write_text("{}")
    assert runs.read_text() == ">1.0.0\n" * 2
