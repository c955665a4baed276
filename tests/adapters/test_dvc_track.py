"""Artifacts of every kind brought under DVC, or recognised, with a digest of exactly the bytes that DVC keeps."""

from __future__ import annotations

import logging
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mreg.adapters.dvc import Dvc, NotDvc, OutsideDvc
from mreg.adapters.dvc.cache import CorruptObject
from mreg.adapters.dvc.pointers import BadPointer, InsideTrackedFolder
from mreg.adapters.dvc.repo import DvcBusy, DvcFailure, open_repo, patiently
from mreg.adapters.dvc.track import InGit, NotStored, OutOfDate
from mreg.adapters.hashing import ArtifactChanged, BadArtifact
from mreg.errors import MregError
from tests.adapters.dvcrepos import (
    Counting,
    Meddling,
    Work,
    btrfs,
    dvc,
    md5,
    run_unprivileged,
    sha256,
    small_disk,
    work_fixture,  # noqa: F401
)
from tests.gitrepos import git

CACHE_TYPES = ("copy", "hardlink", "symlink", "reflink,copy")

TRAIN = "stages:\n  train:\n    cmd: printf weights > model.bin\n    outs: [model.bin]\n"


def _pipeline(work: Work, dvc_yaml: str = TRAIN, folder: str = ".") -> None:
    work.write(f"{folder}/dvc.yaml", dvc_yaml.encode())
    dvc(work.root / folder, "repro")


def _dvc_says_clean(work: Work) -> bool:
    with open_repo(work.root) as (repo, _):
        return not repo.status()


# Untracked artifacts


@pytest.mark.parametrize("cache_type", CACHE_TYPES)
def test_a_file_is_added(work: Work, cache_type: str) -> None:
    dvc(work.root, "config", "cache.type", cache_type)
    work.write("models/model.bin", b"weights")
    tracked = work.track("models/model.bin")
    assert tracked.digest == sha256(b"weights")
    assert tracked.files == ("models/model.bin.dvc",)
    assert (tracked.gitignore, tracked.gitignore_line) == ("models/.gitignore", "/model.bin")
    assert (tracked.pointer.path, tracked.pointer.file) == ("models/model.bin", "models/model.bin.dvc")
    assert (tracked.pointer.hash_name, tracked.pointer.hash) == ("md5", md5(b"weights"))
    assert (tracked.pointer.size, tracked.pointer.stage, tracked.pointer.imported) == (7, None, False)
    assert work.object(tracked.pointer).read_bytes() == b"weights"
    assert (work.root / "models/model.bin").read_bytes() == b"weights"
    assert not list(work.root.glob(".dvc/tmp/.mreg*"))
    assert _dvc_says_clean(work)


@pytest.mark.parametrize("cache_type", CACHE_TYPES)
def test_a_folder_is_added(work: Work, cache_type: str) -> None:
    dvc(work.root, "config", "cache.type", cache_type)
    members = {"b": b"same", "a/x": b"same", "a/y z": b"", "é": b"other", "a.b": b"dot before slash"}
    for name, data in members.items():
        work.write(f"model/{name}", data)
    tracked = work.track("model")
    listed = sorted(f"{sha256(data)}  {name}\n".encode() for name, data in members.items())
    lines = sorted(listed, key=lambda line: line[66:])
    assert tracked.digest == sha256(b"".join(lines))
    assert tracked.pointer.is_dir
    assert (tracked.pointer.nfiles, tracked.pointer.size) == (5, sum(map(len, members.values())))
    assert tracked.files == ("model.dvc",)
    assert _dvc_says_clean(work)


def test_the_digest_is_what_sha256sum_and_sort_say(work: Work) -> None:
    for name in ("z", "a/b", "a/B", "a-b", "ä"):
        work.write(f"model/{name}", name.encode())
    script = "cd model && find . -type f -printf '%P\\n' | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum"
    output = subprocess.run(script, shell=True, cwd=work.root, check=True, capture_output=True, text=True).stdout
    assert work.track("model").digest == output.split()[0]


def test_a_copy_on_a_file_system_that_shares_blocks_takes_no_second_place(work: Work, tmp_path: Path) -> None:
    with btrfs(tmp_path) as disk:
        git(tmp_path, "clone", "-q", str(work.root), str(disk / "work"))
        there = Work(disk / "work")
        there.write("model.bin", os.urandom(100 << 20))  # the disk has no place for another
        assert there.track("model.bin").pointer.size == 100 << 20


def test_nothing_is_staged(work: Work) -> None:
    dvc(work.root, "config", "core.autostage", "true")
    work.commit()
    work.write("model.bin", b"weights")
    work.track("model.bin")
    assert work.git("status", "--porcelain").split("\n") == ["?? .gitignore", "?? model.bin.dvc"]


def test_what_dvcignore_leaves_out_is_not_in_the_digest(work: Work) -> None:
    work.write("model/weights", b"w")
    alone = work.track("model").digest
    work.write(".dvcignore", b"*.log\n")
    work.write("model/train.log", b"noise")
    assert work.track("model").digest == alone


def test_adding_again_changes_nothing(work: Work) -> None:
    work.write("model.bin", b"weights")
    first = work.track("model.bin")
    before = {file: (work.root / file).read_bytes() for file in (*first.files, ".gitignore")}
    assert work.track("model.bin") == first
    assert before == {file: (work.root / file).read_bytes() for file in before}


@pytest.mark.parametrize("cache_type", CACHE_TYPES)
def test_a_changed_artifact_is_added_again(work: Work, cache_type: str) -> None:
    dvc(work.root, "config", "cache.type", cache_type)
    work.write("model.bin", b"one")
    work.track("model.bin")
    (work.root / "model.bin").unlink()  # a link into the cache must not be written through
    work.write("model.bin", b"two")
    again = work.track("model.bin")
    assert (again.digest, again.pointer.hash) == (sha256(b"two"), md5(b"two"))
    assert b"# kept" not in (work.root / "model.bin.dvc").read_bytes()


def test_comments_in_a_dvc_file_survive(work: Work) -> None:
    file = work.write("model.bin", b"one").with_name("model.bin.dvc")
    work.track("model.bin")
    file.write_text(file.read_text() + "desc: the first  # kept\n")
    work.write("model.bin", b"two")
    work.track("model.bin")
    assert "desc: the first  # kept" in file.read_text()


def test_a_dvc_file_of_another_name_is_the_pointer(work: Work) -> None:
    work.write("data/model.bin", b"weights")
    work.write("pointers/other.dvc", b"outs:\n- path: ../data/model.bin\n  hash: md5\n")
    with open_repo(work.root) as (repo, _):
        repo.commit(str(work.root / "pointers/other.dvc"), force=True)
    tracked = work.track("data/model.bin")
    assert tracked.files == ("pointers/other.dvc",)
    assert (tracked.pointer.path, tracked.pointer.hash) == ("data/model.bin", md5(b"weights"))


@pytest.mark.parametrize("name", ["a b.bin", "weights[1].bin", "x!#?.bin", "ünï.bin", "-rf", "'quoted'"])
def test_odd_names(work: Work, name: str) -> None:
    work.write(f"models/{name}", b"weights")
    tracked = work.track(f"models/{name}")
    assert tracked.pointer.path == f"models/{name}"
    assert tracked.gitignore == "models/.gitignore"
    listed = work.git("status", "--porcelain", "-z", "-uall").split("\0")[:-1]
    assert sorted(listed) == sorted(["?? models/.gitignore", f"?? models/{name}.dvc"])


def test_a_legacy_dvc_file_keeps_its_hash_until_the_artifact_changes(work: Work) -> None:
    text = b"two\r\nlines\r\n"
    work.write("model.txt", text)
    legacy = md5(text.replace(b"\r\n", b"\n"))
    work.write(f".dvc/cache/{legacy[:2]}/{legacy[2:]}", text)
    work.write("model.txt.dvc", f"outs:\n- md5: {legacy}\n  size: {len(text)}\n  path: model.txt\n".encode())
    tracked = work.track("model.txt")
    assert (tracked.pointer.hash_name, tracked.pointer.hash) == ("md5-dos2unix", legacy)
    assert tracked.digest == sha256(text)
    work.write("model.txt", b"new")
    assert work.track("model.txt").pointer.hash_name == "md5"


# Outputs of pipelines, and imports


def test_a_pipeline_output_is_recognised(work: Work) -> None:
    _pipeline(work)
    before = work.git("status", "--porcelain", "-uall")
    tracked = work.track("model.bin")
    assert tracked.files == ("dvc.lock", "dvc.yaml")
    assert (tracked.pointer.file, tracked.pointer.stage) == ("dvc.lock", "train")
    assert (tracked.digest, tracked.pointer.hash) == (sha256(b"weights"), md5(b"weights"))
    assert tracked.gitignore == ".gitignore"
    assert work.git("status", "--porcelain", "-uall") == before


def test_a_pipeline_in_a_folder_with_wdir_and_foreach(work: Work) -> None:
    stages = TRAIN.replace("    cmd: printf weights", "    foreach: [de, fr]\n    do:\n      cmd: printf ${item}")
    stages = stages.replace("    outs: [model.bin]", "      wdir: ${item}\n      outs: [model.bin]")
    for name in ("de", "fr"):
        (work.root / "nlp" / name).mkdir(parents=True)
    _pipeline(work, stages, "nlp")
    tracked = work.track("nlp/fr/model.bin")
    assert (tracked.pointer.stage, tracked.digest) == ("train@fr", sha256(b"fr"))
    assert tracked.files == ("nlp/dvc.lock", "nlp/dvc.yaml")


def test_a_template_that_only_dvc_resolves_is_said(work: Work) -> None:
    work.write("params.yaml", b"place: sub\n")
    (work.root / "sub").mkdir()
    _pipeline(work, TRAIN.replace("cmd:", "wdir: ${place}\n    cmd:"))
    with pytest.raises(BadPointer, match="template"):
        work.track("sub/model.bin")


def test_a_modified_pipeline_output_is_refused(work: Work) -> None:
    _pipeline(work)
    (work.root / "model.bin").unlink()
    work.write("model.bin", b"by hand")
    with pytest.raises(OutOfDate, match=r"model\.bin is not as dvc\.lock says: modified") as caught:
        work.track("model.bin")
    assert "dvc repro dvc.yaml:train" in caught.value.hint


def test_a_pipeline_output_that_was_never_made_is_refused(work: Work) -> None:
    work.write("dvc.yaml", TRAIN.encode())
    work.write("model.bin", b"by hand")
    with pytest.raises(OutOfDate, match="never recorded"):
        work.track("model.bin")


def test_a_pipeline_output_that_left_the_cache_is_refused(work: Work) -> None:
    _pipeline(work)
    work.forget()
    with pytest.raises(NotStored) as caught:
        work.track("model.bin")
    assert "dvc commit -f dvc.yaml:train" in caught.value.hint


def test_a_pipeline_output_that_dvc_does_not_cache_is_refused(work: Work) -> None:
    _pipeline(work, TRAIN.replace("[model.bin]", "[model.bin: {cache: false}]"))
    with pytest.raises(OutOfDate, match="cache: false"):
        work.track("model.bin")


@pytest.fixture
def imported(work: Work, tmp_path: Path) -> Work:
    """`base.bin` imported from a second repository."""
    source = Work(tmp_path / "source")
    git(tmp_path, "clone", "-q", str(work.root), "source")
    source.write("base.bin", b"base")
    dvc(source.root, "add", "base.bin")
    source.commit()
    dvc(work.root, "import", str(source.root), "base.bin")
    work.commit()
    return work


def test_an_import_is_recognised(imported: Work) -> None:
    before = (imported.root / "base.bin.dvc").read_bytes()
    tracked = imported.track("base.bin")
    assert tracked.pointer.imported
    assert tracked.files == ("base.bin.dvc",)
    assert tracked.digest == sha256(b"base")
    assert (imported.root / "base.bin.dvc").read_bytes() == before


def test_a_modified_import_is_refused(imported: Work) -> None:
    imported.write("base.bin", b"changed")
    with pytest.raises(OutOfDate, match="modified") as caught:
        imported.track("base.bin")
    assert "dvc update base.bin.dvc" in caught.value.hint


# Where the repository is


def test_a_dvc_repository_in_a_folder_of_the_git_repository(work: Work) -> None:
    folder = work.root / "team"
    folder.mkdir()
    assert Dvc.init(folder, work.root).root == folder
    work.write("team/models/model.bin", b"weights")
    tracked = work.track("team/models/model.bin")
    assert tracked.pointer.path == "team/models/model.bin"
    assert (folder / ".dvc/cache/files/md5" / md5(b"weights")[:2]).is_dir()


def test_a_linked_worktree(work: Work, tmp_path: Path) -> None:
    work.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Work(tmp_path / "linked")
    linked.write("model.bin", b"weights")
    assert linked.track("model.bin").digest == sha256(b"weights")


def test_a_submodule(work: Work, tmp_path: Path) -> None:
    inner = git(tmp_path, "clone", "-q", str(work.root), "inner")
    assert inner == ""
    work.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "inner"), "part")
    part = Work(work.root / "part")
    part.write("model.bin", b"weights")
    assert part.track("model.bin").files == ("model.bin.dvc",)


def test_initialising_twice_changes_nothing(work: Work) -> None:
    assert Dvc.init(work.root, work.root) == work.dvc
    assert work.git("status", "--porcelain") == ""


def test_dvc_refuses_an_ignored_folder(first_repository: Path, tmp_path: Path) -> None:
    repository = Path(git(tmp_path, "clone", "-q", str(first_repository), "clone") or tmp_path / "clone")
    (repository / ".gitignore").write_text(".dvc\n")
    with pytest.raises(DvcFailure, match="ignored"):
        Dvc.init(repository, repository)


def test_no_dvc_repository(repository: Path) -> None:
    with pytest.raises(NotDvc) as caught:
        Dvc.find(repository / "models", repository)
    assert caught.value.hint == "mreg init"


@pytest.mark.parametrize("path", ["../elsewhere.bin", ".dvc/config", ".git/config"])
def test_paths_that_are_no_artifacts(work: Work, path: str) -> None:
    work.write("../elsewhere.bin", b"weights")
    with pytest.raises(OutsideDvc):
        work.dvc.track(work.root / path, git_tracked=work.in_git)


def test_links_in_the_folders_above_are_resolved(work: Work) -> None:
    work.write("models/model.bin", b"weights")
    (work.root / "link").symlink_to("models")
    assert work.track("link/model.bin").pointer.path == "models/model.bin"


# What cannot be tracked


def test_a_file_in_git_is_refused(work: Work) -> None:
    with pytest.raises(InGit) as caught:
        work.track("train.py")
    assert "git rm -r --cached -- 'train.py'" in caught.value.hint
    assert work.git("status", "--porcelain") == ""


def test_a_folder_with_a_file_in_git_is_refused(work: Work) -> None:
    work.write("model/code.py", b"pass")
    work.commit()
    work.write("model/weights", b"w")
    with pytest.raises(InGit):
        work.track("model")


def test_a_member_of_a_tracked_folder_is_refused(work: Work) -> None:
    work.write("model/weights", b"w")
    work.track("model")
    with pytest.raises(InsideTrackedFolder, match=r"model/weights lies inside model"):
        work.track("model/weights")


def test_a_folder_around_a_tracked_file_is_refused(work: Work) -> None:
    work.write("model/weights", b"w")
    work.track("model/weights")
    with pytest.raises(DvcFailure, match="overlapping"):
        work.track("model")
    assert not (work.root / "model.dvc").exists()


def test_a_broken_dvc_file_elsewhere_is_named(work: Work) -> None:
    work.write("other.dvc", b"outs: {")
    work.write("model.bin", b"weights")
    with pytest.raises(DvcFailure, match=r"other\.dvc"):
        work.track("model.bin")


def test_a_link_out_of_the_repository_is_refused(work: Work, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    work.write("model/weights", b"w")
    for link in ("model.bin", "model/extra"):
        (work.root / link).symlink_to(tmp_path / "secret")
    for path in ("model.bin", "model"):
        with pytest.raises(BadArtifact, match="leads out of the repository"):
            work.track(path)
    assert work.git("status", "--porcelain", "-uall") == "?? model.bin\n?? model/extra\n?? model/weights"


def test_an_unreadable_file_is_refused(work: Work) -> None:
    work.write("model.bin", b"weights").chmod(0)
    done = _track_unprivileged(work, "model.bin")
    assert done.stdout == f"DiskFailure: cannot read {work.root}/model.bin: Permission denied\n", done.stderr


def test_a_read_only_folder_is_refused_and_nothing_is_left(work: Work) -> None:
    work.write("models/model.bin", b"weights")
    (work.root / "models").chmod(0o555)
    done = _track_unprivileged(work, "models/model.bin")
    assert done.stdout.startswith("DvcFailure: DVC cannot add"), done.stderr
    assert "Permission denied" in done.stdout
    assert [file.name for file in (work.root / "models").iterdir()] == ["model.bin"]


def _track_unprivileged(work: Work, path: str) -> subprocess.CompletedProcess[str]:
    code = """
import sys
from pathlib import Path
from mreg.adapters.dvc import Dvc
from mreg.errors import MregError
root = Path(sys.argv[1])
try:
    print(Dvc.find(root, root).track(root / sys.argv[2], git_tracked=lambda path: False).digest)
except MregError as error:
    print(f"{type(error).__name__}: {error}")
"""
    return run_unprivileged(code, work.root, path)


@pytest.mark.parametrize("cache_type", ["copy", "hardlink"])
@pytest.mark.parametrize("path", ["model.bin", "model"])
def test_a_full_disk_is_said_and_nothing_is_recorded(work: Work, tmp_path: Path, path: str, cache_type: str) -> None:
    with small_disk(tmp_path / "small", "3m") as disk:
        git(tmp_path, "clone", "-q", str(work.root), str(disk / "work"))
        full = Work(disk / "work")
        dvc(full.root, "config", "cache.type", cache_type)
        full.commit()
        full.write(path if path.endswith("bin") else f"{path}/weights", os.urandom(1_800_000))
        if cache_type == "hardlink":
            assert full.track(path).pointer.path == path
            return
        with pytest.raises(MregError, match="No space left on device"):
            full.track(path)
        assert not (full.root / f"{path}.dvc").exists()
        assert full.git("status", "--porcelain", "-uno") == ""


# Somebody else is writing


@pytest.mark.parametrize("cache_type", CACHE_TYPES)
def test_a_file_that_grows_while_it_is_hashed(work: Work, cache_type: str) -> None:
    dvc(work.root, "config", "cache.type", cache_type)
    file = work.write("model.bin", b"x" * (3 << 20))

    def grow() -> None:
        with file.open("ab") as stream:
            stream.write(b"more")

    with pytest.raises(ArtifactChanged, match=r"model\.bin changed while it was being read"):
        work.track("model.bin", Meddling(grow))
    assert not (work.root / "model.bin.dvc").exists()
    assert not (work.root / ".gitignore").exists()
    _check_objects(work)
    assert work.track("model.bin").digest == sha256(b"x" * (3 << 20) + b"more")


@pytest.mark.parametrize("cache_type", CACHE_TYPES)
def test_a_file_that_keeps_growing_is_not_lost(work: Work, cache_type: str) -> None:
    dvc(work.root, "config", "cache.type", cache_type)
    file = work.write("model.bin", b"x" * (8 << 20))
    stop, written = threading.Event(), 0

    def write_on() -> None:
        nonlocal written
        with file.open("ab", buffering=0) as stream:
            while not stop.is_set():
                written += stream.write(b"x")

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        with pytest.raises(ArtifactChanged):
            work.track("model.bin")
    finally:
        stop.set()
        writer.join()
    assert file.stat().st_size == (8 << 20) + written
    assert not (work.root / "model.bin.dvc").exists()
    assert not file.is_symlink()
    _check_objects(work)


def _check_objects(work: Work) -> None:
    for path in work.dvc.cache.folder.glob("files/md5/*/*"):
        assert md5(path.read_bytes()) == path.parent.name + path.name


def test_a_member_that_is_exchanged_while_it_is_hashed(work: Work) -> None:
    work.write("model/a", b"x" * (1 << 20))
    work.write("model/b", b"y" * (1 << 20))
    before = work.track("model")
    pointer = (work.root / "model.dvc").read_bytes()
    work.write("model/a", b"z" * (1 << 20))

    def exchange() -> None:
        for name in ("a", "b"):
            work.write("new", name.encode() * (1 << 20)).replace(work.root / "model" / name)

    with pytest.raises(ArtifactChanged):
        work.track("model", Meddling(exchange))
    assert (work.root / "model.dvc").read_bytes() == pointer
    assert before.pointer.hash.encode() in pointer


def test_an_interrupt_leaves_no_pointer(work: Work) -> None:
    work.write("model.bin", b"x" * (3 << 20))

    def interrupted(path: Path) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work.dvc.track(work.root / "model.bin", git_tracked=interrupted)
    assert work.git("status", "--porcelain", "-uall") == "?? model.bin"


@pytest.mark.parametrize("cache_type", CACHE_TYPES)
@pytest.mark.parametrize("name", ["again.bin", "model.bin"])
def test_a_corrupt_object_in_the_cache_does_not_replace_the_file(work: Work, name: str, cache_type: str) -> None:
    work.write("model.bin", b"weights")
    torn = work.object(work.track("model.bin").pointer)
    torn.chmod(0o644)
    torn.write_bytes(b"torn")
    torn.chmod(0o444)
    os.utime(torn, (0, 0))
    dvc(work.root, "config", "cache.type", cache_type)
    file = work.write(name, b"weights")
    with pytest.raises(CorruptObject, match=str(torn)) as caught:
        work.track(name)
    assert file.read_bytes() == b"weights"
    assert caught.value.hint == f"remove it (rm -f '{torn}') and run the command again"


def test_a_corrupt_object_of_the_right_size_is_found(work: Work) -> None:
    work.write("model.bin", b"weights")
    torn = work.object(work.track("model.bin").pointer)
    torn.chmod(0o644)
    torn.write_bytes(b"wEIGHTS")
    torn.chmod(0o444)
    os.utime(torn, (0, 0))
    with pytest.raises(CorruptObject, match=str(torn)):
        work.track("model.bin")


def test_waiting_for_the_lock_ends() -> None:
    from dvc.lock import LockError

    tries = iter([True, True, False])

    def sometimes() -> str:
        if next(tries, True):
            raise LockError("busy")
        return "done"

    assert patiently(Path("repository"), sometimes) == "done"
    with pytest.raises(DvcBusy, match="lock of repository"):
        patiently(Path("repository"), sometimes, patience=0)


def test_parallel_adds_of_one_repository_all_succeed(work: Work) -> None:
    code = """
import sys
from pathlib import Path
from mreg.adapters.dvc import Dvc
root = Path(sys.argv[1])
print(Dvc.find(root, root).track(root / sys.argv[2], git_tracked=lambda path: False).digest)
assert (sys.stdout, sys.stderr) == (sys.__stdout__, sys.__stderr__), "DVC wraps the streams that are no terminal"
"""
    names = ["a.bin", "b.bin", "c.bin"]
    for name in names:
        work.write(name, name.encode())
    running = [
        subprocess.Popen([sys.executable, "-c", code, work.root, name], stdout=subprocess.PIPE, text=True)
        for name in names
    ]
    assert [process.communicate()[0].strip() for process in running] == [sha256(name.encode()) for name in names]
    assert [process.returncode for process in running] == [0, 0, 0]


# How it behaves as a guest


def test_progress_counts_every_byte_once(work: Work) -> None:
    counting = Counting()
    work.write("model/a", b"x" * 3_000_000)
    work.write("model/b", b"y")
    work.track("model", counting)
    assert counting.tasks == {"Hashing model": (3_000_001, 3_000_001)}


def test_nothing_of_the_process_is_changed(work: Work, capfd: pytest.CaptureFixture[str]) -> None:
    work.write("model.bin", b"weights")
    loggers = [logging.getLogger(name) for name in ("dvc", "dvc_data", "dvc_objects", "dvc.progress")]

    def state() -> list[object]:
        return [
            sys.stdout,
            sys.stderr,
            dict(os.environ),
            Path.cwd(),
            *((a.level, a.handlers, a.propagate) for a in loggers),
        ]

    before = state()
    work.track("model.bin")
    assert state() == before
    assert capfd.readouterr() == ("", "")


def test_nothing_is_shown_on_a_terminal(work: Work) -> None:
    work.write("model/a", b"weights")
    code = f"""
from pathlib import Path
from mreg.adapters.dvc import Dvc
root = Path({str(work.root)!r})
Dvc.find(root, root).track(root / "model", git_tracked=lambda path: False)
"""
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm"}
    )
    os.close(theirs)
    try:
        shown = os.read(ours, 1 << 16)
    except OSError:  # how Linux says that nothing is left
        shown = b""
    os.close(ours)
    assert shown.replace(b"\x1b[0m", b"") == b""
