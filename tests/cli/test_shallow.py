"""Shallow clones: what they may lack is said with every answer, and only where they may lack it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mreg.core.refs import UnknownModel
from mreg.usecases.workspace import Workspace
from tests.cli.projects import Project
from tests.cli.test_startup import processes
from tests.gitrepos import git

if TYPE_CHECKING:
    from pathlib import Path

ALL = "this clone is shallow, so models and events may be missing: git fetch --unshallow --tags brings all"
ONE = "this clone is shallow, so events of cancer may be missing: git fetch --unshallow --tags brings all"
BROKEN = "this clone is shallow, and events of cancer are missing: git fetch --unshallow --tags brings them"
EVERY_TAG = "refs/tags/*:refs/tags/*"

ABOUT_ALL = (
    ("ls",),
    ("ls", "--at", "2026-03-03"),
    ("history",),
    ("search", "stage == production"),
)
ABOUT_ONE = (
    ("ls", "cancer"),
    ("ls", "cancer", "--at", "2026-03-03"),
    ("show", "cancer@production"),
    ("resolve", "cancer@production"),
    ("history", "cancer", "--limit", "1"),
    ("compare", "cancer"),
    ("compare", "cancer", "--last", "5"),
    ("score", "cancer", "--weights", "f1=1"),
    ("get", "cancer@production", "-o", "serving"),
)
WRITING = (
    ("promote", "cancer@v1.1.0", "production"),
    ("rollback", "cancer"),
    ("alias", "cancer@v1.1.0", "best"),
    ("unalias", "cancer", "best"),
    ("annotate", "cancer", "checked=true"),
    ("yank", "cancer@v2.0.0-rc.1", "-m", "trained on the test set"),
)


@pytest.fixture
def clone(registry: Project, tmp_path: Path) -> Project:
    """A clone of one commit, and so without a single tag: the newest commit of the registry is none of a version."""
    git(tmp_path, "clone", "--quiet", "--depth", "1", registry.root.as_uri(), "clone")
    return Project(tmp_path / "clone", registry.now)


@pytest.fixture
def tagged(clone: Project, registry: Project) -> Project:
    """The same with all tags and artifacts, which git was asked for once."""
    fetch(clone, EVERY_TAG)
    write_cache(clone, registry)
    return clone


def fetch(clone: Project, *arguments: str) -> None:
    clone.git("fetch", "--quiet", "--depth", "1", "origin", *arguments)


def write_cache(clone: Project, registry: Project) -> None:
    (clone.root / ".dvc" / "cache").symlink_to(registry.root / ".dvc" / "cache")


def notices(clone: Project, *command: str) -> list[str]:
    """What JSON says beside the data, which is what stderr says without it."""
    return [text for text in clone.mreg(*command, "--json").json["notices"] if text.startswith("this clone is shallow")]


def test_answers_about_all_models(clone: Project) -> None:
    for command in ABOUT_ALL:
        assert notices(clone, *command) == [ALL], command
    assert clone.mreg("ls").err.splitlines()[0] == f"note: {ALL}"


def test_answers_about_one_model(tagged: Project) -> None:
    for command in ABOUT_ONE:
        assert notices(tagged, *command, *(["--force"] if command[0] == "get" else [])) == [ONE], command
    assert tagged.mreg("ls", "cancer").err.splitlines()[0] == f"note: {ONE}"


def test_answers_about_two_models(tagged: Project) -> None:
    (notice,) = notices(tagged, "compare", "cancer@v1.0.0", "nlp/sentiment")
    assert "so events of cancer, nlp/sentiment may be missing" in notice


def test_events(tagged: Project) -> None:
    for command in WRITING:
        assert notices(tagged, *command) == [ONE], command
    assert notices(tagged, "promote", "cancer@v1.1.0", "production") == [ONE]  # of which it is so already, or not
    assert notices(tagged, "archive", "cancer@v1.0.0", "cancer@v1.1.0") == [ONE]


def test_a_rollback_whose_tag_is_on_an_older_commit(registry: Project, tmp_path: Path) -> None:
    """The answer is wrong, and that it may be is said."""
    registry.train(4)
    registry.mreg("register", "cancer", "model.joblib", "--stage", "production")
    registry.mreg("rollback", "cancer")
    git(tmp_path, "clone", "--quiet", "--depth", "1", registry.root.as_uri(), "clone")
    clone = Project(tmp_path / "clone", registry.now)
    answers = [project.data("resolve", "cancer@production")["version"] for project in (registry, clone)]
    assert answers == ["1.0.0", "2.0.0"]
    assert notices(clone, "resolve", "cancer@production") == [BROKEN]


def test_a_newer_version_on_a_commit_that_was_skipped(registry: Project, tmp_path: Path) -> None:
    """No event that is here tells that there are others."""
    registry.mreg("register", "cancer-eu", "model.joblib", "--stage", "production")
    git(tmp_path, "clone", "--quiet", "--depth", "1", registry.root.as_uri(), "clone")
    clone = Project(tmp_path / "clone", registry.now)
    registry.train(4)
    registry.mreg("register", "cancer-eu", "model.joblib", "--stage", "production")
    registry.write("notes.txt", "")
    registry.commit()
    clone.git("fetch", "--quiet", "--depth", "1")
    answers = [project.data("resolve", "cancer-eu@production")["version"] for project in (registry, clone)]
    assert answers == ["1.1.0", "1.0.0"]
    assert notices(clone, "resolve", "cancer-eu@production") == [ONE.replace("cancer", "cancer-eu")]


def test_events_that_are_missing_for_certain(tagged: Project) -> None:
    tagged.git("tag", "--delete", "cancer@v1.1.0-production")
    for configured in (False, True):
        if configured:
            tagged.git("config", "--add", "remote.origin.fetch", EVERY_TAG)
        for command in (*ABOUT_ALL, *ABOUT_ONE[:-1], WRITING[0]):
            assert notices(tagged, *command) == [BROKEN], command
        assert notices(tagged, "show", "nlp/sentiment") == (
            [] if configured else [ONE.replace("cancer", "nlp/sentiment")]
        )


def test_a_first_event_that_is_missing(tagged: Project) -> None:
    tagged.git("config", "remote.origin.tagOpt", "--tags")
    tagged.git("tag", "--delete", "cancer@v1.0.0")
    assert notices(tagged, "show", "cancer@v1.1.0") == [BROKEN]


def test_many_models_that_lack_events(tagged: Project) -> None:
    message = tagged.git("tag", "--list", "--format=%(contents)", "cancer@v1.1.0")
    for name in ("a", "b", "d", "e"):
        about = message.replace("cancer", name)
        tagged.git("tag", "--annotate", f"{name}@v1.1.0", "--message", about, "cancer@v1.1.0^{commit}")
    (notice,) = notices(tagged, "ls")
    assert "and events of a, b, d and 1 more are missing" in notice


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("remote.origin.fetch", EVERY_TAG),
        ("remote.origin.fetch", f"+{EVERY_TAG}"),
        ("remote.origin.fetch", "+refs/*:refs/*"),
        ("remote.origin.tagOpt", "--tags"),
    ],
)
def test_a_clone_that_fetches_every_tag(clone: Project, key: str, value: str) -> None:
    clone.git("config", "--add", key, value)
    assert notices(clone, "ls") == [ALL]  # nothing has been fetched yet
    clone.git("fetch", "--quiet", "--depth", "1", "--update-head-ok")
    assert (notices(clone, "ls"), notices(clone, "show", "cancer@production")) == ([], [])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("remote.origin.fetch", "refs/tags/fraud@*:refs/tags/fraud@*"),
        ("remote.origin.fetch", "refs/tags/*:refs/remotes/origin/tags/*"),
        ("remote.origin.tagOpt", "--no-tags"),
    ],
)
def test_a_clone_that_fetches_some(tagged: Project, key: str, value: str) -> None:
    tagged.git("config", "--add", key, value)
    assert notices(tagged, "ls", "cancer") == [ONE]


def test_after_init_and_a_fetch(clone: Project, tmp_path: Path) -> None:
    clone.mreg("init")
    assert notices(clone, "ls") == [ALL]
    clone.git("fetch", "--quiet")
    for command in (*ABOUT_ALL, *ABOUT_ONE[:-1], *WRITING):
        assert notices(clone, *command) == [], command
    clone.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "side"))
    assert notices(Project(tmp_path / "side", clone.now), "ls") == []


def test_the_remedy(clone: Project) -> None:
    clone.git(*ALL.partition("git ")[2].partition(" brings")[0].split())
    for command in (*ABOUT_ALL, *ABOUT_ONE[:-1]):
        assert notices(clone, *command) == [], command


def test_a_clone_of_all_that_lacks_a_tag(registry: Project) -> None:
    """It is no shallow one: that a tag was deleted is what `verify` finds."""
    registry.git("tag", "--delete", "cancer@v1.1.0-production")
    assert notices(registry, "show", "cancer@v1.1.0") == []


def test_errors(clone: Project, registry: Project) -> None:
    hint = f"hint: {ONE}; otherwise "
    assert hint + "register its first version: mreg register cancer PATH\n" in clone.mreg("show", "cancer", code=1).err
    assert hint in clone.mreg("ls", "cancer", code=1).err
    fetch(clone, "--no-tags", "refs/tags/cancer@v1.0.0:refs/tags/cancer@v1.0.0")
    assert hint + "`mreg ls cancer` shows the stages\n" in clone.mreg("get", "cancer@production", "-o", "x", code=1).err
    assert hint + "ask about a later time" in clone.mreg("show", "cancer", "--at", "2026-01-01", code=1).err
    assert hint in clone.mreg("promote", "cancer@v1.1.0", "production", code=1).err
    assert hint in clone.mreg("rollback", "cancer", code=1).err
    assert hint in clone.mreg("compare", "cancer", code=1).err
    assert clone.mreg("show", "cancer@v9.9.9", "--json", code=1).data["hint"].startswith(ONE)
    for command in (("show", "x"), ("show", "cancer@v9.9.9"), ("show", "cancer", "--at", "2026-01-01")):
        assert "shallow" not in registry.mreg(*command, code=1).err


def test_one_that_knows_it_is_complete(tagged: Project) -> None:
    assert Workspace(tagged.root).caveats("cancer") == (ONE,)
    complete = Workspace(tagged.root, complete=True)
    assert complete.caveats("cancer") == complete.caveats() == ()
    with pytest.raises(UnknownModel) as caught:
        complete.known("x")
    assert "shallow" not in caught.value.hint


def test_what_it_costs(tagged: Project, registry: Project, tmp_path: Path) -> None:
    """Nothing where a clone has all commits; else a look at the configuration, and one at the model's tags."""
    normal = processes(registry, tmp_path / "normal", "resolve", "cancer@production")
    shallow = processes(tagged, tmp_path / "shallow", "resolve", "cancer@production")
    assert len(shallow) == len(normal) + 2
