"""`mreg verify`: clean, or each fault named; every kind of tampering is done here by hand."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.snapshot import check
from tests.cli.tampering import change, object_of, recommit, retag

if TYPE_CHECKING:
    from tests.cli.projects import Project


def faults(registry: Project, *options: str) -> list[tuple[str, str]]:
    """The faults that are found: where, and what."""
    ran = registry.mreg("verify", *options, "--json", code=1)
    return [(fault["where"], fault["problem"]) for fault in ran.data["faults"]]


def test_clean(registry: Project) -> None:
    before = registry.state()
    for options in ((), ("cancer",), ("--deep",), ("nlp/sentiment", "--deep")):
        ran = registry.mreg("verify", *options)
        check(f"verify-{'-'.join(options).replace('/', '-').replace('--', '') or 'all'}.txt", ran.out)
        assert ran.err == ""
    check("verify.json", registry.mreg("verify", "--json").out)
    assert registry.state() == before


def test_an_unknown_model(registry: Project) -> None:
    assert "did you mean cancer?" in registry.mreg("verify", "cancr", code=1).err


def test_a_moved_tag(registry: Project) -> None:
    other = registry.git("rev-parse", "cancer@v1.1.0")
    registry.git("update-ref", "refs/tags/cancer@v1.0.0-production", other)
    ran = registry.mreg("verify", code=1)
    check("verify-moved.txt", ran.out)
    check("verify-moved.json", registry.mreg("verify", "--json", code=1).out)
    assert any(where == "cancer@v1.0.0-production" for where, _ in faults(registry))


def test_a_tag_moved_to_a_commit(registry: Project) -> None:
    registry.git("tag", "--force", "cancer@v1.0.0", "cancer@v1.1.0^{commit}")
    assert faults(registry)


def test_a_deleted_tag(registry: Project) -> None:
    registry.git("tag", "--delete", "cancer@v1.1.0-production")
    check("verify-deleted.txt", registry.mreg("verify", code=1).out)


def test_the_deleted_newest_tag(registry: Project) -> None:
    """Nothing follows it in the chain: only the head tells."""
    registry.git("tag", "--delete", "cancer@v2.0.0-rc.1-staging")
    check("verify-deleted-newest.txt", registry.mreg("verify", code=1).out)


def test_a_deleted_model(registry: Project) -> None:
    registry.git("tag", "--delete", "nlp/sentiment@v1.0.0")
    check("verify-deleted-model.txt", registry.mreg("verify", code=1).out)


def test_a_deleted_version(registry: Project) -> None:
    registry.git("tag", "--delete", "cancer@v1.1.0")
    found = dict(faults(registry))
    assert "was never registered" in found["cancer@v1.1.0-champion"]


@pytest.mark.parametrize(
    ("tag", "old", "new"),
    [
        ("cancer@v1.0.0-production", "Stage: production", "Stage: staging"),
        ("cancer@v1.0.0-production", "Model: cancer", "Model: fraud"),
        ("cancer@v1.0.0-production", "Sequence: 2", "Sequence: 3"),
        ("cancer@v1.1.0-production", "Supersedes: 1.0.0", "Supersedes: 1.1.0"),
        ("cancer@v1.0.0-production", "good enough", "not good enough"),
        ("cancer@v1.0.0", "Version: 1.0.0", "Version: 1.0.1"),
        ("cancer@v1.0.0", "Ada Lovelace", "Eve"),
    ],
)
def test_edited_tags(registry: Project, tag: str, old: str, new: str) -> None:
    retag(registry, tag, old, new)
    assert faults(registry)
    assert faults(registry, "cancer")
    assert registry.mreg("verify", "nlp/sentiment").code == 0


def test_edited_trailers(registry: Project) -> None:
    retag(registry, "cancer@v1.0.0-production", "Stage: production", "Stage: staging")
    check("verify-edited.txt", registry.mreg("verify", code=1).out)


def test_an_edited_digest(registry: Project) -> None:
    """The chain tells that the tag was edited; hashing the bytes tells that they are not those it names."""
    digest = registry.data("resolve", "nlp/sentiment")["sha256"]
    retag(registry, "nlp/sentiment@v1.0.0", digest, "0" * 64)
    head = registry.git("rev-parse", "nlp/sentiment@v1.0.0")
    registry.git("update-ref", "refs/mreg/nlp/sentiment@head", head)
    assert registry.mreg("verify").code == 0
    check("verify-digest.txt", registry.mreg("verify", "--deep", code=1).out)


def test_a_wrong_card(registry: Project) -> None:
    card = registry.git("show", "cancer@v1.2.0:models/cancer/card.yaml").replace("version: 1.2.0", "version: 1.3.0")
    recommit(registry, "cancer@v1.2.0", "models/cancer/card.yaml", card.replace("name: cancer", "name: fraud"))
    found = faults(registry)
    assert ("cancer@v1.2.0", "its card is that of fraud") in found
    assert ("cancer@v1.2.0", "its card says version 1.3.0") in found


def test_a_broken_card(registry: Project) -> None:
    recommit(registry, "cancer@v1.2.0", "models/cancer/card.yaml", "schema: mreg/v1\nname: [cancer\n")
    found = dict(faults(registry))
    assert any(where.startswith("cancer@v1.2.0:models/cancer/card.yaml:") for where in found)


def test_a_missing_card(registry: Project) -> None:
    recommit(registry, "cancer@v1.2.0", "models/cancer/card.yaml", None)
    assert ("cancer@v1.2.0", "its commit has no card models/cancer/card.yaml") in faults(registry)


def test_a_missing_pointer(registry: Project) -> None:
    recommit(registry, "cancer@v1.2.0", "model.joblib.dvc", None)
    assert ("cancer@v1.2.0", "no DVC file at its commit points at model.joblib") in faults(registry)


def test_a_broken_pointer(registry: Project) -> None:
    recommit(registry, "cancer@v1.2.0", "model.joblib.dvc", "outs: 7\n")
    assert any(where == "cancer@v1.2.0" and "model.joblib.dvc" in problem for where, problem in faults(registry))


def test_another_pointer(registry: Project) -> None:
    other = registry.git("show", "cancer@v1.1.0:model.joblib.dvc") + "\n"
    recommit(registry, "cancer@v2.0.0-rc.1", "model.joblib.dvc", other)
    (fault,) = [f for f in faults(registry, "--deep") if "SHA-256" in f[1]]
    assert fault[0] == "cancer@v2.0.0-rc.1"


def test_corrupt_bytes(registry: Project) -> None:
    change(object_of(registry, "cancer@v1.1.0"))
    assert registry.mreg("verify").code == 0
    ran = registry.mreg("verify", "--deep", code=1)
    check("verify-corrupt.txt", ran.out, folder=registry.root)
    assert [where for where, _ in faults(registry, "--deep")] == ["cancer@v1.1.0"]


def test_missing_bytes(registry: Project) -> None:
    shutil.rmtree(registry.root / ".dvc/cache")
    assert registry.mreg("verify").code == 0
    found = faults(registry, "nlp/sentiment", "--deep")
    assert [where for where, _ in found] == ["nlp/sentiment@v1.0.0"]


def test_the_head_may_lag_or_be_missing(registry: Project) -> None:
    registry.git("update-ref", "refs/mreg/cancer@head", registry.git("rev-parse", "cancer@v1.0.0"))
    assert registry.mreg("verify").code == 0
    registry.git("update-ref", "-d", "refs/mreg/cancer@head")
    assert registry.mreg("verify").code == 0


def test_what_is_not_ours_is_a_remark(registry: Project) -> None:
    registry.git("tag", "-a", "-m", "by hand", "plain@v1.0.0")
    registry.git("tag", "plain@vNext")
    registry.git("tag", "v1.0")
    registry.git("tag", "x@created")
    ran = registry.mreg("verify")
    check("verify-remarks.txt", ran.out + ran.err)
    check("verify-remarks.json", registry.mreg("verify", "--json").out)
