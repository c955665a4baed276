"""Names of refs that start deployments, or keep others from writing theirs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mreg
from tests.cli.serverhook.team import HEAD, Team, new_server, unsigned
from tests.cli.snapshot import check
from tests.gitrepos import git, sign_with, write

POSING = "it is named like a change of production, and is none"


def pose(team: Team) -> list[str]:
    """Tags that are named like promotions to production, and are none."""
    names = [
        team.write("alias", alias="production"),
        team.write("alias", alias="production", count=2),
        team.write("register", "1.2.0-production"),
        team.write("register", "1.2.0-production.7"),
        team.write("alias", "1.2.0-rc.1", alias="production"),
    ]
    for name in ("churn@v1.0.0-production.4", "churn@v1-production", "churn@v2@v1-production", "c+n@v1.0.0-production"):
        git(team.clone, "tag", "--no-sign", name)
        names.append(name)
    team.tag("churn@v1.0.0-production.3", "By hand\n")
    return [*names, "churn@v1.0.0-production.3"]


@pytest.mark.parametrize("signed", ["production", "*", "register, canary, production", ""])
@pytest.mark.parametrize("by", ["nobody", "ada"])
def test_what_poses_as_a_promotion(signed: str, by: str, guarded: Team) -> None:
    """Signed or not: mreg resolves it to nothing, and a pattern of CI does not know that."""
    if by == "nobody":
        unsigned(guarded)
    guarded.config("mreg.signed", signed)
    names = pose(guarded)
    assert guarded.why(*names) == dict.fromkeys(names, POSING)


def test_what_to_do_then(guarded: Team) -> None:
    check("hook-posing.txt", guarded.refused(guarded.write("alias", alias="production")))


def test_other_names_are_free(guarded: Team) -> None:
    unsigned(guarded)
    guarded.config("mreg.signed", "production register")
    git(guarded.server, "config", "--unset", "mreg.signers")
    names = [
        *(
            guarded.write("alias", alias=alias)
            for alias in ("production_x", "production2", "my_production", "register")
        ),
        guarded.write("unalias", alias="production"),
        guarded.write("promote", "1.1.0", stage="canary", origin="none"),
        guarded.write("archive", "1.1.0", origin="canary"),
    ]
    guarded.passes(*names, HEAD)


def test_pre_releases_where_every_stage_is_signed(guarded: Team, keys: dict[str, Path]) -> None:
    guarded.config("mreg.signed", "*")
    write(guarded.server / "signers", "canary ada@example.com\n* eve@example.com\n")
    alias = guarded.write("alias", alias="canary")
    assert guarded.why(alias) == {alias: POSING.replace("production", "canary")}
    git(guarded.clone, "update-ref", HEAD, "refs/tags/churn@v1.0.0-staging")
    unsigned(guarded)
    registered = guarded.write("register", "2.0.0-rc.1"), guarded.write("alias", "2.0.0-rc.1", alias="next")
    sign_with(guarded.clone, keys["eve"])
    stages = [guarded.write("promote", "2.0.0-rc.1", stage=stage, origin="none") for stage in ("production", "beta")]
    guarded.passes(*registered, *stages, HEAD)


def test_archived_is_signed_where_it_is_asked_for(guarded: Team) -> None:
    guarded.config("mreg.signed", "archived")
    write(guarded.server / "signers", "archived ada@example.com\n")
    guarded.passes(guarded.write("archive"), HEAD)
    unsigned(guarded)
    assert "what changes archived is signed here" in guarded.refused(guarded.write("archive", "1.1.0"), HEAD)


CHANGES = ["churn@v1.0.0-production", "nlp/x@v1.0.0-production.2", "churn@v1.0.0-rc.1-production.10"]
OTHERS = ["churn@v1.0.0-production_x", "churn@v1.0.0-production2", "churn@v1.0.0-production.2-next", "churn@v1.0.0"]


def test_what_the_templates_deploy_on() -> None:
    """Every name that the hook keeps for promotions, and none that it leaves to others."""
    folder = Path(mreg.__file__).parents[1] / "templates" / "ci"
    globs = re.findall(r'"([^"]*@v[^"]*)"', re.findall(r"tags: (.*)", (folder / "github-register.yml").read_text())[0])
    words = {"**": ".*", "*": "[^/]*", ".": r"\."}
    github = "|".join(re.sub(r"\*\*|[*.]", lambda found: words[found[0]], glob) for glob in globs)
    gitlab = re.findall(r"CI_COMMIT_TAG =~ /(.*)/", (folder / "gitlab-register.yml").read_text())[0]
    for name in (*CHANGES, *OTHERS):
        assert bool(re.fullmatch(github, name)) == bool(re.search(gitlab, name)) == (name in CHANGES)


def test_they_are_free_without_signatures(team: Team) -> None:
    team.passes(*pose(team))


BLOCKING = [
    ("refs/tags/churn@v1.2.0/x", "has a / after @v"),
    ("refs/mreg/churn@head/b", "under refs/mreg/ there are only heads"),
    ("refs/mreg/churn@head/b@head", "under refs/mreg/ there are only heads"),
    ("refs/mreg/other", "under refs/mreg/ there are only heads"),
    ("refs/mreg/ch+rn@head", "under refs/mreg/ there are only heads"),
    ("refs/notes/mreg/x", "it would keep refs/notes/mreg from being written"),
]


@pytest.mark.parametrize(("ref", "why"), BLOCKING)
def test_what_is_in_the_way(ref: str, why: str, team: Team, tmp_path: Path) -> None:
    """Git has no ref below another one. What is there already may go."""
    assert why in team.refused(f"HEAD:{ref}")
    other = Team(team.clone, new_server(tmp_path / "other.git"))
    git(other.server, "fetch", "--quiet", "--no-tags", str(team.clone), f"HEAD:{ref}")
    other.passes(f":{ref}")


def test_what_else_is_in_the_way(team: Team) -> None:
    check("hook-slash.txt", team.refused("HEAD:refs/tags/churn@v1.2.0/x"))
    check("hook-no-head.txt", team.refused("HEAD:refs/mreg/churn@head/b"))
