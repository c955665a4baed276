"""`mreg compare`: versions side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from mreg import Comparison, Registry
from tests.cli.snapshot import check
from tests.cli.test_startup import imported, processes
from tests.gitrepos import git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project
    from tests.pipelines import GtoRepository, Pipelines

FIRST, SECOND = "cancer@v1.0.0", "cancer@v1.1.0"


def without_sizes(text: str) -> str:
    """By how much a model's file grows is the machine's."""
    return re.sub(r", [+-][\d.]+ k?B", ", <growth>", text)


def register(project: Project, version: str, *options: str, files: dict[str, str] | None = None) -> None:
    """Register the version of a model whose bytes are its version."""
    for path, content in (files or {}).items():
        project.write(path, content)
    project.git("add", "--all")
    project.git("commit", "--quiet", "--allow-empty", "--message", f"Before v{version}")
    project.write("model.pkl", version)
    project.mreg("register", "churn", "model.pkl", "--version", version, *options)


def compared(project: Project, *arguments: str) -> Any:
    return project.data("compare", *(arguments or ("churn@v1.0.0", "churn@v1.1.0")))


def row(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(found for found in rows if found["name"] == name)


def test_two_versions(registry: Project) -> None:
    ran = registry.mreg("compare", FIRST, SECOND)
    check("compare.txt", without_sizes(ran.out))
    assert ran.err == ""
    check("compare.json", registry.mreg("compare", FIRST, SECOND, "--json").out)
    assert (
        registry.mreg("compare", FIRST, SECOND, "--format", "json").out
        == registry.mreg("compare", FIRST, SECOND, "--json").out
    )


@pytest.mark.parametrize(("first", "second"), [("1.0.0", "1.1.0"), ("1.1.0", "1.2.0"), ("1.2.0", "2.0.0")])
def test_versions_of_a_pipeline(pipelines: Pipelines, first: str, second: str) -> None:
    ran = pipelines.project.mreg("compare", f"churn@v{first}", f"churn@v{second}")
    check(f"compare-pipeline-{first}-{second}.txt", without_sizes(ran.out + ran.err))


def test_models_of_one_family(pipelines: Pipelines) -> None:
    ran = pipelines.project.mreg("compare", "churn", "churn-eu@production", "churn-eu")
    check("compare-models.txt", without_sizes(ran.out + ran.err))


def test_without_cards(gto_repository: GtoRepository) -> None:
    found = compared(gto_repository.project, "churn@v0.1.0", "churn@v0.3.0")
    assert found["verdicts"] == [
        "v0.3.0 is better than v0.1.0 on 1 of 2 metrics (f1 +0.0359), worse on log_loss +0.0176; data changed; "
        "1 parameter changed; code: 2 commits, the pipeline's files are the same"
    ]
    assert row(found["params"], "train.C")["values"] == [1.0, 0.1]
    assert row(found["data"], "data/raw.csv")["changes"] == ["changed"]
    assert [entry["card_path"] for entry in found["versions"]] == [None, None]
    # DVC 1 wrote the hash under another name, and no size.
    assert [held["identity"].partition(":")[0] for held in found["artifact"][0]["inputs"]] == ["md5", "md5"]


def test_a_model_alone(registry: Project) -> None:
    alone = registry.mreg("compare", "cancer", "--json").json
    assert alone["data"] == compared(registry, FIRST, SECOND)
    registry.mreg("promote", SECOND, "production")
    ran = registry.mreg("compare", "cancer")
    assert (ran.out, ran.err) == ("cancer v1.1.0 is in production, and the latest version as well\n", "")
    found = compared(registry, "cancer")
    assert len(found["versions"]) == 1
    registry.mreg("archive", "cancer@production")
    document = registry.mreg("compare", "cancer", "--json").json
    assert [version["ref"] for version in document["data"]["versions"]] == [FIRST, SECOND]
    assert document["notices"] == ["nothing of cancer is in production: compared with the version before"]


def test_the_same_version_twice(registry: Project) -> None:
    ran = registry.mreg("compare", FIRST, "cancer@production")
    assert ran.out == "cancer@v1.0.0 and cancer@production are the same version\n"
    assert registry.mreg("compare", FIRST, FIRST).out == "cancer@v1.0.0 is named more than once\n"
    ran = registry.mreg("compare", FIRST, "cancer@production", SECOND)
    assert ran.out.startswith("v1.1.0 is better than v1.0.0 on both metrics")
    assert ran.err == "note: cancer@v1.0.0 and cancer@production are the same version\n"


def test_a_yanked_version_can_be_compared(registry: Project) -> None:
    ran = registry.mreg("compare", SECOND, "cancer@v1.2.0", "--only", "metrics")
    assert ran.err == "note: cancer@v1.2.0 is yanked: trained on the test set\n"


def test_only_some_sections(registry: Project) -> None:
    ran = registry.mreg("compare", FIRST, SECOND, "--only", "params,annotations")
    check("compare-only.txt", ran.out)
    found = compared(registry, FIRST, SECOND, "--only", "data")
    assert found["sections"] == ["data"]
    assert {key for key, value in found.items() if value} == {"verdicts", "sections", "versions", "artifact", "data"}


ERRORS: list[tuple[str, int]] = [
    ("", 2),
    ("cancer@v1.0.0", 2),
    ("nlp/sentiment", 1),
    ("cancer cancer@v9.9.9", 1),
    ("cancer cancre", 1),
    ("cancer --only metrics,parms", 2),
    ("cancer --format pdf", 2),
    ("cancer cancer@v1.0.0..v1.1.0", 2),
    ("cancer@v1.0.0..nlp/sentiment@v1.0.0", 2),
    ("cancer..v1.1.0", 2),
    ("cancer@v1.0.0..v7.0.0", 1),
    ("cancer nlp/sentiment --last 2", 2),
    ("cancer@production --last 2", 2),
    ("cancer@v1.0.0..v1.1.0 --last 2", 2),
    ("cancer --last 2 --only metrics", 2),
    ("cancer --last 0", 2),
]


def test_what_cannot_be_compared(registry: Project) -> None:
    told = []
    for arguments, code in ERRORS:
        ran = registry.mreg("compare", *arguments.split(), code=code)
        assert ran.out == ""
        told.append(f"$ {' '.join(('mreg', 'compare', *arguments.split()))}\n{ran.err}")
    check("compare-errors.txt", "".join(told))


def test_packages(project: Project) -> None:
    before = {"requirements.txt": "numpy==1.26\nscipy==1.14\n", "Dockerfile": "FROM python:3.11\n"}
    after = {"requirements.txt": "numpy==2.1\ntorch\n", "Dockerfile": "FROM python:3.11\nRUN true\n"}
    register(project, "1.0.0", files=before)
    register(project, "1.1.0", files={**after, "environment.yml": "dependencies: [python=3.12]\n"})
    ran = project.mreg("compare", "churn@v1.0.0", "churn@v1.1.0", "--only", "environment")
    check("compare-environment.txt", ran.out)
    assert ran.err == ""
    changes = {file["name"]: file["changes"] for file in compared(project)["environment"]}
    assert changes == {"Dockerfile": ["changed"], "requirements.txt": ["changed"], "environment.yml": ["added"]}


def test_an_environment_that_cannot_be_read(project: Project) -> None:
    register(project, "1.0.0", files={"uv.lock": "[[package]]\nname = 'numpy'\nversion = '1'\n"})
    register(project, "1.1.0", files={"uv.lock": "<<<<<<< HEAD\n", "environment.yml": "a: &a [*a]\n"})
    ran = project.mreg("compare", "churn@v1.0.0", "churn@v1.1.0", "--only", "environment")
    check("compare-environment-broken.txt", without_sizes(ran.out + ran.err))


def test_files_that_moved(project: Project) -> None:
    """The card, the artifact, the data, the environment: each is followed, and said to have moved."""
    project.write("requirements.txt", "numpy==2.1\n")
    project.write("data.csv", "1,2\n")
    register(project, "1.0.0", "--data", "data.csv", "--metric", "f1=0.5")
    project.write(".mreg.yaml", "models_dir: registry\n")
    project.git("mv", "models", "registry")
    project.git("mv", "requirements.txt", "requirements-train.txt")
    project.git("rm", "--quiet", "--cached", "model.pkl.dvc")
    (project.root / "model.pkl.dvc").unlink()
    (project.root / "out").mkdir()
    (project.root / "model.pkl").rename(project.root / "out" / "model.pkl")
    card = "registry/churn/card.yaml"
    project.write(card, project.read(card).replace("model.pkl", "out/model.pkl").replace("data.csv", "raw.csv"))
    project.git("mv", "data.csv", "raw.csv")
    project.write(".gitignore", project.read(".gitignore") + "/out/model.pkl\n")
    project.commit("Tidy up")
    project.mreg("register", "churn", "out/model.pkl", "--version", "1.1.0", "--metric", "f1=0.75")
    ran = project.mreg("compare", "churn@v1.0.0", "churn@v1.1.0")
    check("compare-moved.txt", without_sizes(ran.out + ran.err))
    found = compared(project)
    assert [row["changes"] for row in (*found["artifact"], *found["data"])] == [["moved"], ["moved"]]
    assert [version["card_path"] for version in found["versions"]] == [
        "models/churn/card.yaml",
        "registry/churn/card.yaml",
    ]


def test_code_that_moved(pipelines: Pipelines) -> None:
    project = pipelines.project
    project.git("mv", "src/featurize.py", "src/features.py")
    for file in ("dvc.yaml", "dvc.lock"):
        text = project.read(file).replace("src/featurize.py", "src/features.py")
        project.write(file, text.replace("src.featurize", "src.features"))
    project.commit("A better name")
    project.git("tag", "churn@v2.1.0")
    found = compared(project, "churn@v2.0.0", "churn@v2.1.0", "--only", "code")["code"][0]
    assert [(file["before"], file["path"], file["change"]) for file in found["files"]] == [
        ("src/featurize.py", "src/features.py", "moved")
    ]
    assert [step["values"] for step in found["commands"]] == [["python -m src.featurize", "python -m src.features"]]


CARD = """\
schema: mreg/v1
name: churn
version: 1.0.0
artifact: {path: model.pkl}
description: Tells which customers leave within 90 days
evaluations:
  - {metric: f1, value: 0.89, dataset: holdout, ci: {lower: 0.86, upper: 0.92, level: 0.95}, n: 900}
  - {metric: f1, value: 0.85, dataset: holdout, slice: {age: 18-25}}
  - {metric: latency, value: 12, unit: ms, direction: min}
  - {metric: wobble, value: 3}
limitations: [Trained on customers in the EU only.]
"""


def test_what_cards_say(project: Project) -> None:
    later = CARD.replace("0.89", "0.91").replace("0.86", "0.88").replace("upper: 0.92", "upper: 0.94")
    later = later.replace("0.85", "0.81").replace("12, unit", "16, unit").replace("90 days", "30 days, in the EU")
    register(project, "1.0.0", files={"models/churn/card.yaml": CARD})
    register(project, "1.1.0", files={"models/churn/card.yaml": later.replace("wobble, value: 3", "wobble, value: 2")})
    ran = project.mreg("compare", "churn@v1.0.0", "churn@v1.1.0", "--only", "metrics,card")
    check("compare-card.txt", ran.out)


def test_scores(registry: Project) -> None:
    registry.write(".mreg.yaml", "metrics:\n  f1: {weight: 0.7}\n  log_loss: {weight: -0.3}\n  auc: {weight: 0.1}\n")
    ran = registry.mreg("compare", FIRST, SECOND, "--only", "score")
    check("compare-score.txt", ran.out)
    registry.write(".mreg.yaml", "metrics:\n  f1: {weight: 0.7}\n")
    assert compared(registry, FIRST, SECOND)["verdicts"][0].count("score 0.63119 → 0.66318") == 1


def test_a_shallow_clone(registry: Project, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--no-single-branch", f"file://{registry.root}", str(clone))
    ran = registry.mreg("compare", FIRST, SECOND, folder=clone)
    assert "note: this is a shallow clone: commits that it does not have are not counted\n" in ran.err


def test_a_commit_that_a_card_made_up(registry: Project) -> None:
    """What a card calls its code is anybody's text, and need not be a commit."""
    for number, commit in enumerate(("--output=/tmp/x", "f" * 40, "HEAD"), start=1):
        card = f"artifact: {{path: model.joblib}}\ntraining: {{code: {{commit: '{commit}'}}}}\n"
        registry.write("models/odd/card.yaml", card)
        registry.commit("An odd card")
        registry.git("tag", f"odd@v1.{number}.0")
    pairs = (("odd@v1.1.0", "odd@v1.2.0"), ("odd@v1.2.0", FIRST), ("odd@v1.2.0", "odd@v1.3.0"))
    said = [registry.mreg("compare", *pair, "--only", "code").err.splitlines()[-1] for pair in pairs]
    assert said == [
        "note: which files are code is not known: no pipeline, and no training.code, of odd@v1.1.0",
        "note: the code cannot be compared: there is no commit ffffffffff here",
        "note: which files are code is not known: no pipeline, and no training.code, of odd@v1.3.0",
    ]


def test_more_commits_than_are_named(project: Project) -> None:
    register(project, "1.0.0")
    for number in range(12):
        project.git("commit", "--quiet", "--allow-empty", "--message", f"Step {number}")
    register(project, "1.1.0")
    (code,) = compared(project)["code"]
    assert (code["ahead"], len(code["commits"])) == (14, 10)
    ran = project.mreg("compare", "churn@v1.0.0", "churn@v1.1.0", "--only", "code")
    assert "… and 4 more" in ran.out


def test_what_it_costs(pipelines: Pipelines, tmp_path: Path) -> None:
    """Neither DVC nor a process per file: tags, blobs, commits and their number, one diff."""
    arguments = ("compare", "churn@v1.2.0", "churn@v2.0.0")
    assert imported(pipelines.project, *arguments) == {"git", "yaml"}
    assert len(processes(pipelines.project, tmp_path / "trace", *arguments)) == 5


def test_from_python(registry: Project) -> None:
    found = Registry(registry.root).compare(FIRST, SECOND)
    assert isinstance(found, Comparison)
    records = found.records()
    assert {*records[0]} == {"section", "name", FIRST, SECOND, "delta", "change", "remark"}
    f1 = next(record for record in records if record["name"] == "f1")
    assert (f1["section"], f1[FIRST], f1[SECOND], f1["change"]) == ("metrics", 0.9017, 0.9474, "better")
    frame = found.to_pandas()
    assert frame[frame.section == "params"].set_index("name").loc["depth", "delta"] == 2
    three = Registry(registry.root).compare(FIRST, SECOND, "cancer@staging", only=["metrics"])
    assert [*three.records()[0]] == [
        *("section", "name", FIRST, SECOND, "cancer@v2.0.0-rc.1"),
        *(f"{part} {ref}" for ref in (SECOND, "cancer@v2.0.0-rc.1") for part in ("delta", "change", "remark")),
    ]
