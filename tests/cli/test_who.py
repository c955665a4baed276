"""`mreg who`: the people behind a version of a real pipeline, whatever way their work took to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mreg import Registry
from tests.cli.program import run_program
from tests.cli.snapshot import check
from tests.cli.tampering import retag
from tests.gitrepos import git, sign_with, trust

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project
    from tests.pipelines import GtoRepository, Pipelines, Team


def acts(project: Project, ref: str, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = project.data("who", ref, *options)["acts"]
    return found


def told(project: Project, ref: str, *options: str) -> list[tuple[str, str]]:
    return [(act["role"], act["person"]["name"]) for act in acts(project, ref, *options)]


def unknown(project: Project, ref: str) -> list[str]:
    found: list[str] = project.data("who", ref)["unknown"]
    return found


def commits(project: Project, ref: str) -> list[str]:
    return [act["commit"] for act in acts(project, ref) if act["commit"]]


@pytest.fixture
def team(pipelines: Pipelines) -> Team:
    return pipelines.project


@pytest.fixture
def lived(team: Team) -> Team:
    """Version 2.0.0, of which everything that can happen has happened since."""
    team.go_to("2026-03-20")
    team.mreg("annotate", "churn@v2.0.0", "validation_status=passed")
    team.mreg("alias", "churn@v2.0.0", "champion")
    team.person = "Katherine Johnson"
    team.mreg("promote", "churn@v2.0.0", "production", "-m", "reviewed by the clinic")
    team.mreg("rollback", "churn", "-m", "too slow")
    team.mreg("annotate", "churn@v2.0.0", "--remove", "validation_status")
    team.mreg("yank", "churn@v2.0.0", "-m", "trained on the test set")
    return team


def test_a_version(lived: Team) -> None:
    ran = lived.mreg("who", "churn@v2.0.0")
    check("who.txt", ran.out)
    assert ran.err == ""
    check("who.json", lived.mreg("who", "churn@v2.0.0", "--json").out)


def test_another_version_took_its_place(team: Team) -> None:
    [row] = [line for line in team.mreg("who", "churn@v1.1.0").out.splitlines() if "churn@v1.2.0-production" in line]
    assert "archived    v1.2.0 took its place: half as many false alarms" in row
    assert told(team, "churn@v1.1.0")[-2:] == [("promoted", "Katherine Johnson"), ("archived", "Katherine Johnson")]


def test_as_of_a_day(lived: Team) -> None:
    then = told(lived, "churn@v2.0.0", "--at", "2026-03-19")
    assert ("promoted", "Grace Hopper") in then
    assert not {"annotated", "aliased", "yanked"} & {role for role, _ in then}
    assert lived.mreg("who", "churn@production", "--at", "2026-02-11", "--json").data["version"] == "1.1.0"


def test_commits_are_those_that_git_log_finds(team: Team) -> None:
    wrote = [act["commit"] for act in acts(team, "churn@v2.0.0") if act["role"] == "wrote"]
    files = ("models/churn/card.yaml", "dvc.lock", "dvc.yaml", "params.yaml", "data/raw.csv.dvc", "src")
    log = team.git("log", "--no-merges", "--format=%H", "churn@v1.2.0..churn@v2.0.0^", "--", *files)
    assert wrote == log.splitlines()[::-1]
    assert len(wrote) == 2


def test_who_trained_is_who_ran_the_pipeline(pipelines: Pipelines) -> None:
    """The card's commit is the merge of the pull request; the run was committed on its branch."""
    for ref in ("churn@v1.2.0", "churn@v2.0.0", "churn-eu@v1.0.0"):
        [trained] = [act for act in acts(pipelines.project, ref) if act["role"] == "trained"]
        assert trained["commit"] == pipelines.facts[ref].made
        assert trained["person"]["name"] == ("Ada Lovelace" if ref == "churn-eu@v1.0.0" else "Grace Hopper")


def test_without_a_pipeline_the_card_says_which_commit(registry: Project) -> None:
    [trained] = [act for act in acts(registry, "cancer@v1.1.0") if act["role"] == "trained"]
    assert trained["commit"] == registry.card(rev="cancer@v1.1.0")["training"]["code"]["commit"]
    assert trained["what"] == "Grow a deeper tree"


def test_changes_that_were_not_committed(registry: Project) -> None:
    registry.train(2)
    registry.write("notes.txt", "later")
    registry.mreg("register", "cancer", "model.joblib", "--version", "3.0.0")
    assert any("changes that were not committed" in text for text in unknown(registry, "cancer@v3.0.0"))
    assert not any("changes that were not committed" in text for text in unknown(registry, "cancer@v1.1.0"))


def test_one_person_with_several_names(team: Team) -> None:
    team.write(".mailmap", "Grace Murray Hopper <hopper@navy.example> <grace@example.com>\n")
    found = team.data("who", "churn@v2.0.0")
    assert found["people"][1] == {
        "name": "Grace Murray Hopper",
        "email": "hopper@navy.example",
        "roles": ["wrote", "trained", "committed", "registered", "promoted"],
    }
    assert "Grace Hopper" not in {act["person"]["name"] for act in found["acts"]}


class TestSignatures:
    @pytest.fixture
    def signed(self, team: Team, keys: dict[str, Path]) -> Team:
        """Version 2.1.0: a commit by Eve, the rest by Ada; then Eve says that she is Ada."""
        trust(team.root, ada=keys["ada"])
        team.go_to("2026-03-23")
        team.person = "Eve"
        sign_with(team.root, keys["eve"], commits=True)
        team.write("params.yaml", team.read("params.yaml") + "\n# tuned\n")
        team.commit("Tune\n\nApproved-by: Ada Lovelace <ada@example.com>")
        team.person = ""
        sign_with(team.root, keys["ada"], commits=True)
        team.mreg("register", "churn", "models/churn/model.json", "--metrics", "metrics.json", "--version", "2.1.0")
        team.mreg("promote", "churn@v2.1.0", "staging")
        sign_with(team.root, keys["eve"])
        team.mreg("alias", "churn@v2.1.0", "champion")
        return team

    def test_states(self, signed: Team) -> None:
        check("who-signed.txt", signed.mreg("who", "churn@v2.1.0").out)
        states = {act["role"]: act["signature"] for act in acts(signed, "churn@v2.1.0")}
        assert states == {
            "wrote": {"state": "unknown", "signer": None},
            "trained": {"state": "none", "signer": None},
            "reviewed": None,
            "committed": {"state": "good", "signer": "ada@example.com"},
            "registered": {"state": "good", "signer": "ada@example.com"},
            "promoted": {"state": "good", "signer": "ada@example.com"},
            "aliased": {"state": "unknown", "signer": None},
        }
        assert "without a good signature: 3 of 6" in unknown(signed, "churn@v2.1.0")[-1]

    def test_a_signature_that_does_not_fit(self, signed: Team) -> None:
        retag(signed, "churn@v2.1.0-staging", "Stage: staging", "Stage: production")
        [promoted] = [act for act in acts(signed, "churn@v2.1.0") if act["role"] == "promoted"]
        assert promoted["signature"] == {"state": "bad", "signer": None}

    def test_a_signer_with_another_address_is_named(self, signed: Team, keys: dict[str, Path]) -> None:
        trust(signed.root, ada=keys["ada"], eve=keys["eve"])
        row = next(line for line in signed.mreg("who", "churn@v2.1.0").out.splitlines() if "@champion" in line)
        assert row.endswith("good by eve@example.com")

    def test_not_every_signature_of_a_long_history(self, signed: Team, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mreg.usecases.who.MOST_CHECKED", 1)
        assert unknown(signed, "churn@v2.1.0")[-1] == "signatures of older commits were not checked (1)"
        [wrote] = [act for act in acts(signed, "churn@v2.1.0") if act["role"] == "wrote"]
        assert wrote["signature"]["state"] == "unknown"


class TestRequests:
    def release(self, team: Team) -> None:
        model, metrics = "models/churn/model.json", "metrics.json"
        team.mreg("register", "churn", model, "--metrics", metrics, "--version", "2.1.0")

    def work(self, team: Team, message: str) -> None:
        team.write("src/train.py", team.read("src/train.py") + "# more\n")
        team.commit(message)

    def test_a_squashed_one_names_its_number_only(self, team: Team) -> None:
        self.work(team, "Say more (#8)\n\nCo-authored-by: Grace Hopper <grace@example.com>")
        self.release(team)
        wrote = next(act for act in acts(team, "churn@v2.1.0") if act["role"] == "wrote")
        assert wrote["request"] == {"number": 8, "title": "Say more"}
        assert ("co-authored", "Grace Hopper") in told(team, "churn@v2.1.0")
        missing = unknown(team, "churn@v2.1.0")
        assert missing[:2] == [
            "#8 came as single commits: who merged them is known to the server alone",
            "no commit names a reviewer in a trailer: what was reviewed elsewhere is not in Git",
        ]

    def test_a_merge_request_of_gitlab(self, team: Team) -> None:
        team.git("checkout", "--quiet", "-b", "more")
        self.work(team, "Say more")
        team.git("checkout", "--quiet", "main")
        team.person = "Katherine Johnson"
        message = (
            "Merge branch 'more' into 'main'\n\nSay more\n\nSee merge request acme/ml!12\n\nApproved-by: Eve <e@x>"
        )
        team.git("merge", "--quiet", "--no-ff", "--message", message, "more")
        self.release(team)
        merged = next(act for act in acts(team, "churn@v2.1.0") if act["role"] == "merged")
        assert (merged["request"], merged["person"]["name"]) == (
            {"number": 12, "title": "Say more"},
            "Katherine Johnson",
        )
        assert ("reviewed", "Eve") in told(team, "churn@v2.1.0")

    def test_a_merge_that_brought_nothing_of_it_is_not_its(self, team: Team) -> None:
        team.git("checkout", "--quiet", "-b", "docs")
        team.write("README.md", "Read me")
        team.commit("Explain\n\nReviewed-by: Eve <e@x>")
        team.git("checkout", "--quiet", "main")
        team.git("merge", "--quiet", "--no-ff", "--message", "Merge pull request #9 from eve/docs", "docs")
        self.release(team)
        assert not {"merged", "reviewed"} & {role for role, _ in told(team, "churn@v2.1.0")}


def test_two_versions_on_one_commit_have_the_same_commits(team: Team) -> None:
    team.git("tag", "--annotate", "--message", "The same, by hand", "churn@v2.0.1", "churn@v2.0.0^{commit}")
    assert commits(team, "churn@v2.0.0") == commits(team, "churn@v2.0.1") != []


def test_an_older_commit_that_is_registered_later(pipelines: Pipelines) -> None:
    team, made = pipelines.project, pipelines.facts["churn@v1.1.0"].made
    team.git("tag", "--annotate", "--message", "Found again", "churn@v0.9.0", made)
    assert [role for role, _ in told(team, "churn@v0.9.0")] == ["trained", "committed", "registered"]
    assert commits(team, "churn@v0.9.0") == [made, made]
    # What v0.9.0 has was not written for v1.1.0; its training was still there.
    assert [act["role"] for act in acts(team, "churn@v1.1.0") if act["commit"] == made] == ["trained"]


def test_a_shallow_clone_says_so(lived: Team, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{lived.root}", "shallow")
    shallow = type(lived)(tmp_path / "shallow")
    shallow.git("fetch", "--quiet", "--depth=1", "origin", "refs/tags/churn@*:refs/tags/churn@*")
    found = shallow.data("who", "churn@v2.0.0")
    assert found["unknown"][:2] == [
        "no commit of this clone is known to have brought its artifact into dvc.lock",
        "this clone is shallow: what came before its oldest commits is not seen (git fetch --unshallow)",
    ]
    # The oldest commit seems to bring all that it has: that its author wrote or trained anything is not said.
    roles = {act["role"] for act in found["acts"]}
    assert roles == {"committed", "registered", "promoted", "aliased", "archived", "yanked"}


def test_a_training_commit_that_is_not_here(registry: Project, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=cancer@v1.1.0", f"file://{registry.root}", "shallow")
    missing = registry.card(rev="cancer@v1.1.0")["training"]["code"]["commit"]
    found = unknown(type(registry)(tmp_path / "shallow"), "cancer@v1.1.0")
    assert f"its training ran on {missing}, no commit of this clone" in found


def test_a_lightweight_tag(team: Team) -> None:
    team.git("tag", "churn@v3.0.0", "churn@v1.0.0^{commit}")
    assert "churn@v3.0.0 is a lightweight tag, which does not say who made it" in unknown(team, "churn@v3.0.0")
    assert "registered" not in {role for role, _ in told(team, "churn@v3.0.0")}


def test_a_bare_repository(team: Team, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(team.root), "bare.git")
    assert acts(type(team)(tmp_path / "bare.git"), "churn@v2.0.0") == acts(team, "churn@v2.0.0")


def test_names_from_anybody_steer_no_terminal(team: Team) -> None:
    message = "Break\x1b[2J out\n\nReviewed-by: \x1b[31mEve\u202e <e@x>"
    team.write("params.yaml", team.read("params.yaml") + "# x\n")
    team.commit(message)
    team.mreg("register", "churn", "models/churn/model.json", "--metrics", "metrics.json", "--version", "2.1.0")
    out = team.mreg("who", "churn@v2.1.0").out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\\u001b[31mEve\\u202e" in out


@pytest.mark.parametrize("ref", ["churn@v9.0.0", "nobody", "churn@nothing"])
def test_what_there_is_not(team: Team, ref: str) -> None:
    ran = team.mreg("who", ref, code=1)
    assert (ran.out, ran.err.startswith("mreg: ")) == ("", True)


def test_a_table_for_pandas(pipelines: Pipelines) -> None:
    people = Registry(pipelines.root).who("churn@v2.0.0")
    frame = people.to_pandas()
    assert people.ref == "churn@v2.0.0"
    assert list(frame["role"]) == [act.role.value for act in people.acts]
    assert frame[frame.role == "merged"].request.item() == 7
    assert frame[frame.role == "reviewed"].trailer.item() == "Reviewed-by"


def test_the_number_of_git_processes_is_bounded(team: Team, keys: dict[str, Path], tmp_path: Path) -> None:
    def processes(name: str) -> int:
        folder = tmp_path / name
        folder.mkdir()
        ran = run_program("who", "churn@v9.0.0", folder=team.root, env={"GIT_TRACE2_EVENT": str(folder)})
        assert ran.code == 0, ran.err
        events = [json.loads(line) for file in folder.iterdir() for line in file.read_text().splitlines()]
        return sum(1 for event in events if event["event"] == "start")

    sign_with(team.root, keys["ada"], commits=True)
    for count in range(3):
        team.write("params.yaml", team.read("params.yaml") + f"# {count}\n")
        team.commit("Tune")
    team.mreg("register", "churn", "models/churn/model.json", "--metrics", "metrics.json", "--version", "9.0.0")
    few = processes("few")
    for _ in range(3):
        team.mreg("promote", "churn@v9.0.0", "staging")
        team.mreg("promote", "churn@v9.0.0", "none")
    assert processes("many") == few <= 10


def test_of_a_team_that_uses_gto(gto_repository: GtoRepository) -> None:
    assert told(gto_repository.project, "churn@v0.3.0") == [
        ("trained", "Grace Hopper"),
        ("committed", "Grace Hopper"),
        ("registered", "Grace Hopper"),
    ]
    assert told(gto_repository.project, "churn@v0.1.0")[0] == ("trained", "Ada Lovelace")
