"""The repository of a team that registers with mreg what its DVC pipelines make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.cli.projects import data
from tests.gitrepos import copy_repository
from tests.pipelines.team import FILES, Fact, Made, Team

if TYPE_CHECKING:
    from pathlib import Path

ADA, GRACE, KATHERINE = "Ada Lovelace", "Grace Hopper", "Katherine Johnson"

MODEL, TUNED = "models/churn/model.json", "models/churn-eu/weights"
CODE = ("src/model.py", "src/prepare.py", "src/featurize.py", "src/train.py")
INPUTS = ("data/raw.csv", *CODE)
TUNED_INPUTS = ("data/eu.csv", "src/finetune.py", *INPUTS)
REGION_INPUTS = ("data/raw.csv", "forecast/clean.py", "forecast/fit.py")


@dataclass(frozen=True, kw_only=True)
class Pipelines(Made):
    """What mreg registered:

    - `churn@v1.0.0`: in production at first, now archived.
    - `churn@v1.1.0`: train.C 1.0 → 0.1, nothing else. In production from 10 to 24 February.
    - `churn@v1.2.0`: data/raw.csv has 450 rows instead of 300, brought by Grace. In production.
    - `churn-eu@v1.0.0`: from churn@v1.2.0 and data/eu.csv. In production.
    - `churn@v2.0.0`: src/featurize.py adds squares; Grace's branch, reviewed by Ada, merged by Katherine as pull
      request 7. In staging.
    - `churn-eu@v1.1.0`: from churn@v2.0.0, with the same data.
    - `forecast/north@v1.0.0`, `forecast/south@v1.0.0`: of `forecast/dvc.yaml`, on the same data/raw.csv.

    Attributes:
        datasets: The repository that data/eu.csv was imported from.
        imported: The commit there that the import is pinned to, its tag `v1`.
        merge: The merge commit of pull request 7.
    """

    datasets: Path
    imported: str
    merge: str

    def copy(self, target: Path) -> Pipelines:
        return replace(self, project=self.project.copy(target))


def build_pipelines(first_repository: Path, folder: Path) -> Pipelines:
    """Make it, in about fifteen seconds: six models are trained by scikit-learn."""
    datasets, imported = _build_datasets(first_repository, folder / "datasets")
    project = Team(copy_repository(first_repository, folder / "project"))
    _begin(project)
    facts = [*_first_three(project)]
    facts.append(_import_and_tune(project, datasets))
    merge, later = _squares(project)
    facts += [*later, *_forecast(project)]
    return Pipelines(
        project=project,
        facts={fact.ref: fact for fact in facts},
        datasets=datasets,
        imported=imported,
        merge=merge,
    )


def rows(begin: int, end: int) -> str:
    """A part of the raw table: six features of tumours and whether they are benign; scikit-learn brings the data."""
    table = [line.split(",") for line in data().decode().splitlines()[begin:end]]
    lines = [[f"x{i}" for i in range(6)] + ["answer"], *([*row[:6], row[-1]] for row in table)]
    return "".join(",".join(line) + "\n" for line in lines)


def _build_datasets(first_repository: Path, folder: Path) -> tuple[Path, str]:
    """Data that another team publishes: two versions, of which the second came after we imported the first."""
    there = Team(copy_repository(first_repository, folder), person=KATHERINE)
    there.dvc("init")
    there.write("eu/customers.csv", rows(450, 569))
    there.dvc("add", "eu/customers.csv")
    commit = there.commit("Publish the customers of the EU")
    there.git("tag", "v1")
    there.write("eu/customers.csv", rows(440, 569))
    there.dvc("add", "eu/customers.csv")
    there.commit("Add those of last month")
    return folder, commit


def _begin(project: Team) -> None:
    project.mreg("init")
    project.git("rm", "--quiet", "train.py")
    project.put("src", "params.yaml", "dvc.yaml")
    (project.root / "src" / "finetune.py").unlink()
    project.write("data/raw.csv", rows(0, 300))
    project.dvc("add", "data/raw.csv")
    project.commit("Begin with a pipeline")


def _run(project: Team, message: str) -> str:
    project.dvc("repro")
    return project.commit(message)


def _register(project: Team, version: str, made: str, *options: str) -> Fact:
    # Named, since dvc.yaml later has the metrics of churn-eu too, in a stage that follows from this model.
    named = ("--version", version, "--metrics", "metrics.json", "--framework", "scikit-learn")
    project.mreg("register", "churn", MODEL, *named, *options)
    ref = f"churn@v{version}"
    return project.fact(ref, MODEL, made=made, inputs=INPUTS, params="params.yaml", metrics="metrics.json")


def _first_three(project: Team) -> list[Fact]:
    first = _register(project, "1.0.0", _run(project, "Train a first model"), "--data", "data/raw.csv")
    project.mreg("promote", "churn@v1.0.0", "production", "-m", "good enough to begin with")

    project.go_to("2026-02-09")
    project.edit("params.yaml", "C: 1.0", "C: 0.1")
    second = _register(project, "1.1.0", _run(project, "Regularize more"), "--data", "data/raw.csv")
    project.go_to("2026-02-10")
    project.person = KATHERINE
    project.mreg("promote", "churn@v1.1.0", "production", "-m", "steadier on the holdout")

    project.go_to("2026-02-16")
    project.person = GRACE
    project.write("data/raw.csv", rows(0, 450))
    project.dvc("add", "data/raw.csv")
    third = _register(project, "1.2.0", _run(project, "Train on the data of January too"), "--data", "data/raw.csv")
    project.go_to("2026-02-24")
    project.person = KATHERINE
    project.mreg("promote", "churn@v1.2.0", "production", "-m", "half as many false alarms")
    return [first, second, third]


def _import_and_tune(project: Team, datasets: Path) -> Fact:
    project.go_to("2026-03-02")
    project.person = ADA
    project.dvc("import", str(datasets), "eu/customers.csv", "-o", "data/eu.csv", "--rev", "v1")
    project.put("src/finetune.py")
    project.write("dvc.yaml", project.read("dvc.yaml") + (FILES / "finetune.yaml").read_text())
    project.write("params.yaml", project.read("params.yaml") + "finetune:\n  steps: 20\n")
    made = _run(project, "Fine-tune for the EU")
    return _register_tuned(project, "1.0.0", made, "churn@v1.2.0", "--stage", "production")


def _register_tuned(project: Team, version: str, made: str, base: str, *options: str) -> Fact:
    named = ("--version", version, "--base-model", base, "--data", "data/eu.csv")
    project.mreg("register", "churn-eu", TUNED, *named, *options)
    ref, metrics = f"churn-eu@v{version}", "models/churn-eu/metrics.json"
    return project.fact(ref, TUNED, made=made, inputs=TUNED_INPUTS, params="params.yaml", metrics=metrics)


def _squares(project: Team) -> tuple[str, list[Fact]]:
    """New code, by way of a pull request; then both models from it."""
    project.go_to("2026-03-09")
    project.person = GRACE
    project.git("checkout", "--quiet", "-b", "squares")
    project.edit("src/featurize.py", "DEGREE = 1", "DEGREE = 2")
    made = _run(project, "Add the squares of the features\n\nReviewed-by: Ada Lovelace <ada@example.com>")
    project.person = KATHERINE
    project.git("checkout", "--quiet", "main")
    message = "Merge pull request #7 from grace/squares\n\nAdd the squares of the features"
    project.git("merge", "--quiet", "--no-ff", "--message", message, "squares")
    project.git("branch", "--quiet", "--delete", "squares")
    merge = project.git("rev-parse", "HEAD")
    project.person = GRACE
    churn = _register(project, "2.0.0", made, "--data", "data/raw.csv", "--stage", "staging")
    return merge, [churn, _register_tuned(project, "1.1.0", made, "churn@v2.0.0")]


def _forecast(project: Team) -> list[Fact]:
    project.go_to("2026-03-16")
    project.person = ADA
    project.put("forecast")
    project.dvc("repro", "forecast/dvc.yaml")
    made = project.commit("Forecast by region")
    return [_register_region(project, region, made) for region in ("north", "south")]


def _register_region(project: Team, region: str, made: str) -> Fact:
    folder = f"forecast/regions/{region}"
    project.mreg("register", f"forecast/{region}", f"{folder}/model.json")
    return project.fact(
        f"forecast/{region}@v1.0.0",
        f"{folder}/model.json",
        made=made,
        inputs=REGION_INPUTS,
        params="forecast/config.yaml",
        metrics=f"{folder}/metrics.json",
    )
