"""`mreg get --if-changed`: a folder that follows a reference, for those who serve a model out of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.adapters.dvcrepos import dvc
from tests.cli.program import Ran, run_program
from tests.cli.projects import Project, train
from tests.cli.snapshot import check
from tests.cli.test_startup import imported
from tests.gitrepos import write
from tests.torture.conftest import LONG
from tests.torture.victims import KILLED, Nursery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEMBERS = ("a.txt", "deep/b.txt", "deep/er/c.txt")


def content(version: str) -> str:
    return f"{version}\n" * 5000


@pytest.fixture(scope="session")
def first_bundles(first_registry: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The registry with a model that is a folder, and in its version 2.0.0 a file. Not to be changed."""
    project = first_registry.copy(tmp_path_factory.mktemp("bundles") / "project")
    for version in ("1.0.0", "1.1.0"):
        for member in MEMBERS:
            project.write(f"bundle/{member}", content(version))
        project.mreg("register", "bundle", "bundle", "--version", version)
    project.write("bundle.bin", content("2.0.0"))
    project.mreg("register", "bundle", "bundle.bin", "--version", "2.0.0")
    return project


@pytest.fixture
def bundles(first_bundles: Project, tmp_path: Path) -> Project:
    return first_bundles.copy(tmp_path / "project")


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    return tmp_path / "serving"


def follow(project: Project, ref: str, serving: Path, *options: str, code: int = 0) -> Ran:
    return project.mreg("get", ref, "-o", serving, "--if-changed", *options, code=code)


def changed(project: Project, ref: str, serving: Path, *options: str) -> bool:
    answer = follow(project, ref, serving, "--json", *options).data["changed"]
    assert isinstance(answer, bool)
    return answer


def holds(serving: Path) -> str:
    """The one version that is whole in the folder."""
    (found,) = {"bundle", "bundle.bin"}.intersection(os.listdir(serving))  # noqa: PTH208
    files = [serving / "bundle" / member for member in MEMBERS] if found == "bundle" else [serving / found]
    (text,) = {file.read_text() for file in files}
    version = text.partition("\n")[0]
    assert text == content(version)
    return version


def receipt(serving: Path) -> Any:
    return json.loads((serving / ".mreg.json").read_text())


def state(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in [folder, *folder.rglob("*")]}


def test_it_follows(registry: Project, serving: Path, tmp_path: Path) -> None:
    first = follow(registry, "cancer@production", serving)
    before = state(serving)
    again = follow(registry, "cancer@production", serving)
    assert state(serving) == before
    registry.mreg("promote", "cancer@v1.1.0", "production")
    switched = follow(registry, "cancer@production", serving)
    shown = "".join(ran.out + ran.err for ran in (first, again, switched))
    check("get-if-changed.txt", shown.replace(str(tmp_path), "<tmp>"))
    assert (serving / "model.joblib").read_bytes() == train(3).model
    assert sorted(path.name for path in serving.iterdir()) == [".mreg.json", ".mreg.lock", "model.joblib"]


def test_json(registry: Project) -> None:
    first, again = (registry.mreg("get", "cancer", "-o", "out", "--if-changed", "--json") for _ in range(2))
    check("get-unchanged.json", again.out)
    assert again.data == {**first.data, "changed": False}
    assert first.data["changed"] is True


def test_the_receipt(registry: Project, serving: Path) -> None:
    follow(registry, "cancer@production", serving)
    held = receipt(serving)["current"]
    state = (serving / "model.joblib").stat()
    assert held["registration"] == registry.git("rev-parse", "refs/tags/cancer@v1.0.0")
    assert held["files"] == {"": [state.st_size, state.st_mtime_ns, state.st_ino]}
    assert (held["ref"], held["model"], held["version"], held["name"], held["size"]) == (
        "cancer@v1.0.0",
        "cancer",
        "1.0.0",
        "model.joblib",
        state.st_size,
    )
    assert receipt(serving)["others"] == []


def test_what_is_unchanged_costs_next_to_nothing(registry: Project, serving: Path) -> None:
    follow(registry, "nlp/sentiment", serving)
    shutil.rmtree(registry.root / ".dvc")  # nobody asks for it
    for member in (serving / "sentiment").iterdir():
        member.chmod(0)  # and nobody reads
    before = state(serving)
    serving.chmod(0o555)
    assert not changed(registry, "nlp/sentiment", serving)
    assert imported(registry, "get", "nlp/sentiment", "-o", str(serving), "--if-changed") == {"git"}
    assert state(serving) == before


def test_after_a_plain_get(bundles: Project, serving: Path) -> None:
    bundles.mreg("get", "bundle@v1.0.0", "-o", serving)
    shutil.rmtree(bundles.root / ".dvc/cache")  # the bytes are there: nothing is fetched
    before = state(serving / "bundle")
    assert not changed(bundles, "bundle@v1.0.0", serving)
    assert state(serving / "bundle") == before
    assert receipt(serving)["current"]["ref"] == "bundle@v1.0.0"


def test_two_versions_of_the_same_bytes(bundles: Project, serving: Path) -> None:
    (bundles.root / "models/bundle/card.yaml").write_text(
        bundles.read("models/bundle/card.yaml") + "description: the same once more\n"
    )
    bundles.mreg("register", "bundle", "bundle.bin", "--version", "2.1.0")
    follow(bundles, "bundle@v2.0.0", serving)
    before = state(serving / "bundle.bin")
    assert changed(bundles, "bundle@v2.1.0", serving)
    assert state(serving / "bundle.bin") == before
    assert not changed(bundles, "bundle@v2.1.0", serving)


def _touch(serving: Path) -> None:
    os.utime(serving / "bundle/a.txt", ns=(1, 1))


def _copy(serving: Path) -> None:
    shutil.copytree(serving, serving.with_name("copy"))
    shutil.rmtree(serving)
    serving.with_name("copy").rename(serving)


@pytest.mark.parametrize("meddle", [_touch, _copy])
def test_the_same_bytes_are_recognised(bundles: Project, serving: Path, meddle: Any) -> None:
    follow(bundles, "bundle@v1.0.0", serving)
    meddle(serving)
    before = state(serving / "bundle")
    assert not changed(bundles, "bundle@v1.0.0", serving)
    assert state(serving / "bundle") == before
    assert receipt(serving)["current"]["files"]["a.txt"][1] == (serving / "bundle/a.txt").stat().st_mtime_ns


def _link(bundle: Path) -> None:
    (bundle / "a.txt").unlink()
    (bundle / "a.txt").symlink_to("deep/b.txt")  # the same bytes, for now


def _become_a_file(bundle: Path) -> None:
    shutil.rmtree(bundle)
    bundle.write_text("mine")


DAMAGES: dict[str, Any] = {
    "written to": lambda bundle: (bundle / "a.txt").write_text("mine"),
    "half deleted": lambda bundle: (bundle / "a.txt").unlink(),
    "added to": lambda bundle: write(bundle / "more.txt", "mine"),
    "a member is a link": _link,
    "gone": shutil.rmtree,
    "now a file": _become_a_file,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("later", ["1.0.0", "1.1.0"])
def test_what_was_damaged_is_delivered_anew(bundles: Project, serving: Path, damage: Any, later: str) -> None:
    follow(bundles, "bundle@v1.0.0", serving)
    damage(serving / "bundle")
    assert changed(bundles, f"bundle@v{later}", serving)
    assert holds(serving) == later
    assert sorted(path.name for path in (serving / "bundle").rglob("*") if path.is_file()) == [
        "a.txt",
        "b.txt",
        "c.txt",
    ]


@pytest.mark.parametrize("garbage", ["", "{", "[]", '{"schema": "mreg/v1"}', '{"schema": "mreg/v9"}', "[" * 10000])
def test_a_receipt_that_is_none(bundles: Project, serving: Path, garbage: str) -> None:
    follow(bundles, "bundle@v1.0.0", serving)
    (serving / ".mreg.json").write_text(garbage)
    assert not changed(bundles, "bundle@v1.0.0", serving)
    assert receipt(serving)["current"]["ref"] == "bundle@v1.0.0"


def test_a_receipt_leads_nowhere_else(bundles: Project, serving: Path) -> None:
    mine = write(serving.with_name("mine.txt"), "mine")
    follow(bundles, "bundle@v1.0.0", serving)
    forged, marks = receipt(serving), mine.stat()
    other = json.loads(json.dumps(forged["current"]))
    other |= {"name": "..", "files": {"": [marks.st_size, marks.st_mtime_ns, marks.st_ino]}}
    for path in ("..", "x/..", "."):
        other["artifact"]["path"], other["name"] = path, path.rpartition("/")[2]
        (serving / ".mreg.json").write_text(json.dumps({**forged, "others": [other]}))
        follow(bundles, "bundle@v1.0.0", serving)
        assert mine.read_text() == "mine"
        assert holds(serving) == "1.0.0"


# What is in the way


def test_something_else_is_not_replaced(registry: Project, serving: Path) -> None:
    mine = write(serving / "model.joblib", "mine")
    assert "exists and is not the artifact" in follow(registry, "cancer@production", serving, code=1).err
    assert mine.read_text() == "mine"
    assert changed(registry, "cancer@production", serving, "--force")
    assert changed(registry, "cancer@v1.1.0", serving)


def test_a_link_that_leads_nowhere(registry: Project, tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "nowhere")
    ran = registry.mreg("get", "cancer", "-o", tmp_path / "out", "--if-changed", code=3)
    plain = registry.mreg("get", "cancer", "-o", tmp_path / "out", code=3)
    assert ran.err == plain.err
    assert f"cannot write to {tmp_path}/out: File exists\nhint: something else has this name" in ran.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only(registry: Project, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    ran = registry.mreg("get", "cancer", "-o", tmp_path / "out", "--if-changed", code=3)
    assert f"cannot write to {tmp_path}/out: Permission denied\nhint: change its permissions" in ran.err


def test_a_file_system_that_is_read_only(registry: Project) -> None:
    ran = registry.mreg("get", "cancer", "-o", "/proc/self", "--if-changed", code=3)
    assert "cannot write to /proc/self: " in ran.err
    assert "repository" not in ran.err


def test_something_else_has_the_new_name(bundles: Project, serving: Path) -> None:
    follow(bundles, "bundle@v1.0.0", serving)
    mine = write(serving / "bundle.bin", "mine")
    before = state(serving)
    assert f"{mine} exists" in follow(bundles, "bundle@v2.0.0", serving, code=1).err
    assert {**state(serving), str(serving): 0} == {**before, str(serving): 0}
    follow(bundles, "bundle@v2.0.0", serving, "--force")
    assert holds(serving) == "2.0.0"


def test_one_folder_for_each_model(registry: Project, serving: Path, tmp_path: Path) -> None:
    follow(registry, "cancer@production", serving)
    ran = follow(registry, "nlp/sentiment", serving, code=1)
    check("get-other-model.txt", ran.err.replace(str(tmp_path), "<tmp>"))
    follow(registry, "nlp/sentiment", serving, "--force")
    assert [path.name for path in serving.iterdir() if path.name[0] != "."] == ["sentiment"]


def test_an_artifact_with_a_name_of_ours(project: Project, serving: Path) -> None:
    project.write(".mreg.json", "{}")
    project.mreg("register", "odd", ".mreg.json")
    assert "an artifact called .mreg.json" in follow(project, "odd", serving, code=1).err


@pytest.mark.parametrize("options", [(), ("--link",)])
def test_another_name(bundles: Project, serving: Path, options: tuple[str, ...]) -> None:
    mine = write(serving / "notes.txt", "mine")
    for version in ("1.0.0", "2.0.0", "1.1.0", "1.0.0", "2.0.0"):
        assert changed(bundles, f"bundle@v{version}", serving, *options)
        assert holds(serving) == version
        assert receipt(serving)["others"] == []
    assert mine.read_text() == "mine"


def test_an_old_one_that_was_changed_stays(bundles: Project, serving: Path, tmp_path: Path) -> None:
    follow(bundles, "bundle@v1.0.0", serving)
    write(serving / "bundle" / "a.txt", "mine")
    ran = follow(bundles, "bundle@v2.0.0", serving)
    assert ran.err.replace(str(tmp_path), "") == "note: /serving/bundle stays: it was changed since it was delivered\n"
    assert (serving / "bundle" / "a.txt").read_text() == "mine"
    assert (serving / "bundle.bin").read_text() == content("2.0.0")
    assert follow(bundles, "bundle@v2.0.0", serving).err == ""


def test_a_failure_leaves_the_old_version(bundles: Project, serving: Path) -> None:
    follow(bundles, "bundle@v1.0.0", serving)
    shutil.rmtree(bundles.root / ".dvc/cache")
    follow(bundles, "bundle@v1.1.0", serving, code=3)
    assert holds(serving) == "1.0.0"
    assert not changed(bundles, "bundle@v1.0.0", serving)


def test_out_of_the_remote(bundles: Project, serving: Path, tmp_path: Path) -> None:
    dvc(bundles.root, "remote", "add", "-d", "store", str(tmp_path / "store"))
    shutil.move(bundles.root / ".dvc/cache", tmp_path / "store")
    assert changed(bundles, "bundle@v1.0.0", serving)
    assert holds(serving) == "1.0.0"


# Nobody sees half

READER = """
import os, sys
serving, form = sys.argv[1], sys.argv[2]
members = ("a.txt", "deep/b.txt", "deep/er/c.txt")
seen = set()
while True:
    if form == "folder":
        folder = os.open(f"{serving}/bundle", os.O_RDONLY)
        texts = set()
        for member in members:
            with open(os.open(member, os.O_RDONLY, dir_fd=folder)) as file:
                texts.add(file.read())
        os.close(folder)
    else:
        with open(f"{serving}/model.joblib", "rb") as file:
            texts = {file.read()}
    (text,) = texts
    os.write(1, f"{hash(text)}\\n".encode())
"""


VERSIONS = {"folder": ("bundle@v1.0.0", "bundle@v1.1.0"), "file": ("cancer@v1.0.0", "cancer@v1.1.0")}


@pytest.mark.parametrize("form", VERSIONS)
def test_a_reader_sees_one_version(bundles: Project, serving: Path, form: str) -> None:
    follow(bundles, VERSIONS[form][0], serving)
    seen = b""
    with subprocess.Popen([sys.executable, "-c", READER, serving, form], stdout=subprocess.PIPE, bufsize=0) as reader:
        assert reader.stdout is not None
        try:
            for number in range(51 if LONG else 8):
                follow(bundles, VERSIONS[form][number % 2], serving)
                # Who opened the folder before this switch has read it when the next one begins.
                seen += os.read(reader.stdout.fileno(), 1 << 16) + os.read(reader.stdout.fileno(), 1 << 16)
                assert reader.poll() is None
        finally:
            reader.kill()
    assert len(set(seen.split(b"\n")[:-1])) == 2


def test_who_opened_the_folder_reads_on(bundles: Project, serving: Path) -> None:
    follow(bundles, "bundle@v1.0.0", serving)
    opened = os.open(serving / "bundle", os.O_RDONLY)
    follow(bundles, "bundle@v1.1.0", serving)
    follow(bundles, "bundle@v1.1.0", serving)
    for member in MEMBERS:
        with open(os.open(member, os.O_RDONLY, dir_fd=opened)) as file:  # noqa: PTH123
            assert file.read() == content("1.0.0")
    follow(bundles, "bundle@v1.0.0", serving)
    with pytest.raises(FileNotFoundError):  # two switches later it is gone, and never a mix
        os.open(MEMBERS[0], os.O_RDONLY, dir_fd=opened)
    os.close(opened)
    assert (serving / ".mreg-previous/bundle/a.txt").read_text() == content("1.1.0")


@pytest.mark.parametrize("versions", [("1.0.0", "1.1.0"), ("1.1.0", "2.0.0"), ("2.0.0", "1.0.0")], ids="-".join)
def test_killed_at_any_step(bundles: Project, serving: Path, nursery: Nursery, versions: tuple[str, str]) -> None:
    old, new = versions
    command = ("get", f"bundle@v{new}", "-o", str(serving), "--if-changed")
    follow(bundles, f"bundle@v{old}", serving)
    victim = nursery.start(bundles.root, *command, die_at=1_000_000)
    assert victim.wait() == 0, victim.output
    for step in range(1, victim.steps + 1, 1 if LONG else 8):
        follow(bundles, f"bundle@v{old}", serving)
        killed = nursery.start(bundles.root, *command, die_at=step)
        assert killed.wait() == KILLED
        whole = [path for path in ("bundle", "bundle.bin") if (serving / path).exists()]
        assert whole, killed.output
        for name in whole:
            assert text_of(serving / name) in (content(old), content(new)), killed.output
        later = ("1.0.0", "1.1.0", "2.0.0")[step % 3]
        follow(bundles, f"bundle@v{later}", serving)
        assert holds(serving) == later, killed.output
        assert receipt(serving)["others"] == []
        assert [path.name for path in serving.glob("*.tmp")] == []


def text_of(artifact: Path) -> str:
    files = [artifact / member for member in MEMBERS] if artifact.is_dir() else [artifact]
    (text,) = {file.read_text() for file in files}
    return text


def test_a_run_that_nobody_heard_of(bundles: Project, serving: Path, nursery: Nursery) -> None:
    """Killed between the switch and its report: the next run tells of the change."""
    command = ("get", "bundle@v1.1.0", "-o", str(serving), "--if-changed")
    follow(bundles, "bundle@v1.0.0", serving)
    steps = nursery.start(bundles.root, *command, die_at=1_000_000)
    assert steps.wait() == 0
    for step in range(steps.steps, 0, -1):
        follow(bundles, "bundle@v1.0.0", serving)
        nursery.start(bundles.root, *command, die_at=step).wait()
        if receipt(serving)["current"]["version"] == "1.0.0":
            break
    assert holds(serving) == "1.1.0"
    before = state(serving / "bundle")
    assert changed(bundles, "bundle@v1.1.0", serving)
    assert state(serving / "bundle") == before
    assert not changed(bundles, "bundle@v1.1.0", serving)


@pytest.fixture(scope="module")
def nursery(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("nursery")) as nursery:
        yield nursery


def test_several_at_once(bundles: Project, serving: Path) -> None:
    """Each of them says that it is there, and one of them that it brought it."""
    command = ("get", "bundle@production", "-o", serving, "--if-changed", "--json")
    for version in ("1.0.0", "2.0.0"):
        bundles.mreg("promote", f"bundle@v{version}", "production")
        with ThreadPoolExecutor(3) as pool:
            runs = list(pool.map(lambda _: run_program(*command, folder=bundles.root), range(3)))
        assert [ran.code for ran in runs] == [0] * 3, runs
        assert sorted(ran.data["changed"] for ran in runs) == [False, False, True]
        assert holds(serving) == version
        assert list(serving.glob("*.tmp")) == []


def test_without_a_repository(bundles: Project, serving: Path, tmp_path: Path) -> None:
    (tmp_path / "container").mkdir()
    dvc(bundles.root, "remote", "add", "-d", "store", str(tmp_path / "store"))
    shutil.move(bundles.root / ".dvc/cache", tmp_path / "store")
    bundles.commit("Say where the artifacts are")
    command = ("get", "bundle@production", "-o", "serving", "--if-changed", "--json", "--repo", bundles.root)
    for version, answer in (("1.0.0", True), ("1.0.0", False), ("2.0.0", True)):
        bundles.mreg("promote", f"bundle@v{version}", "production")
        ran = bundles.mreg(*command, folder=tmp_path / "container")
        assert ran.data["changed"] is answer
        assert holds(tmp_path / "container" / "serving") == version
