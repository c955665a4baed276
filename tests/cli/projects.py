"""A project with a registry in it, as a person makes one: real models, real commands, at a clock of its own."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import yaml
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

from tests.cli.program import Ran, run
from tests.gitrepos import copy_repository, git, write

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGIN = datetime(2026, 2, 2, 9, tzinfo=UTC)
"""When the first command of a project runs. Each one takes an hour."""


@dataclass(frozen=True)
class Trained:
    """A model's bytes and how good it is."""

    model: bytes
    metrics: Mapping[str, float]


@cache
def train(depth: int) -> Trained:
    """A decision tree that tells malign tumours from benign ones; scikit-learn brings the data."""
    features, benign = load_breast_cancer(return_X_y=True)
    seen, held_out, answers, truth = train_test_split(features, benign, random_state=0)
    model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(seen, answers)
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    scores = f1_score(truth, model.predict(held_out)), log_loss(truth, model.predict_proba(held_out))
    # Rounded: the last digits are the machine's.
    return Trained(buffer.getvalue(), {"f1": round(float(scores[0]), 4), "log_loss": round(float(scores[1]), 2)})


@cache
def data() -> bytes:
    """The data as a CSV file."""
    features, benign = load_breast_cancer(return_X_y=True)
    buffer = io.BytesIO()
    np.savetxt(buffer, np.column_stack((features, benign)), delimiter=",", fmt="%g")
    return buffer.getvalue()


@dataclass
class Project:
    """A repository and the person who works in it. Each command is run an hour after the one before."""

    root: Path
    now: datetime = field(default=BEGIN)

    def mreg(self, *arguments: str | Path, code: int = 0, folder: Path | None = None) -> Ran:
        """Run mreg in this process and demand its exit code."""
        ran = run(*arguments, folder=folder or self.root, env=self.clock())
        assert ran.code == code, f"mreg {' '.join(map(str, arguments))}: {ran.code}\n{ran.out}{ran.err}"
        return ran

    def data(self, *arguments: str | Path) -> Any:
        """The data of a command's JSON."""
        return self.mreg(*arguments, "--json").data

    def git(self, *arguments: str, stdin: str | bytes = b"") -> str:
        return git(self.root, *arguments, stdin=stdin, env=self.clock())

    def commit(self, message: str = "Work") -> str:
        """Commit everything, and return the commit's id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def write(self, path: str, content: str | bytes) -> Path:
        return write(self.root / path, content)

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def train(self, depth: int, *, path: str = "model.joblib") -> Path:
        """Write what a training run with this depth leaves, and return the path of its model."""
        trained = train(depth)
        self.write("params.yaml", f"depth: {depth}\nseed: 0\n")
        self.write("metrics.json", json.dumps(trained.metrics))
        return self.write(path, trained.model)

    def clock(self) -> dict[str, str]:
        """The environment of the next command; the clock goes on."""
        when, self.now = self.now.isoformat(), self.now + timedelta(hours=1)
        return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}

    def go_to(self, day: str) -> None:
        """Set the clock to nine o'clock of a day."""
        self.now = datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)

    def state(self) -> dict[str, object]:
        """All that a command can change: refs, index, files, DVC's cache. What DVC keeps for itself is left out."""
        files = {str(path.relative_to(self.root)): path for path in self.root.rglob("*") if path.is_file()}
        own = (".git/", ".dvc/tmp/")
        return {name: path.read_bytes() for name, path in files.items() if not name.startswith(own)} | {
            "the refs": self.git("for-each-ref"),
            "the branch": self.git("rev-parse", "--symbolic-full-name", "HEAD"),
            "the index": self.git("ls-files", "--stage"),
            "the status": self.git("status", "--porcelain"),
        }

    def tags(self) -> list[str]:
        return self.git("tag", "--list").splitlines()

    def card(self, model: str = "cancer", *, rev: str = "HEAD") -> Any:
        """A model's card in a commit, as plain data."""
        return yaml.safe_load(self.git("show", f"{rev}:models/{model}/card.yaml"))

    def changed(self, rev: str = "HEAD") -> list[str]:
        """The files that a commit changed."""
        return self.git("show", "--format=", "--name-only", rev).splitlines()

    def copy(self, target: Path) -> Project:
        return Project(copy_repository(self.root, target), self.now)


def begin(first_repository: Path, target: Path) -> Project:
    """A project that has been made ready for models, all of it committed."""
    project = Project(copy_repository(first_repository, target))
    project.mreg("init")
    project.write("data.csv", data())
    project.write(".gitignore", "metrics.json\n")
    project.write("params.yaml", "depth: 1\nseed: 0\n")
    project.commit("Begin a model registry")
    return project


def fill(project: Project) -> None:
    """Live with it for a month: promotions, a rollback, an alias, annotations, a yank, a second model."""
    measured = ("--metrics", "metrics.json", "--params", "params.yaml")
    project.train(1)
    project.mreg("register", "cancer", "model.joblib", *measured, "--data", "data.csv", "-m", "A first tree")
    project.mreg("promote", "cancer@v1.0.0", "production", "-m", "good enough to begin with")

    project.go_to("2026-02-09")
    project.train(3)
    project.git("commit", "--quiet", "--all", "--message", "Grow a deeper tree")
    project.mreg("register", "cancer", "model.joblib", *measured, "--data", "data.csv", "--stage", "staging")
    project.mreg("promote", "cancer@staging", "production", "-m", "better on the holdout\n\nAsked for by the clinic.")
    project.mreg("alias", "cancer@v1.1.0", "champion")

    project.go_to("2026-02-16")
    project.train(5)
    project.mreg("register", "cancer", "model.joblib", *measured)
    project.mreg("yank", "cancer@v1.2.0", "-m", "trained on the test set")
    project.mreg("rollback", "cancer", "-m", "too slow for the clinic")
    project.mreg("annotate", "cancer@v1.0.0", "validation_status=passed", "drift_psi=0.08")

    project.go_to("2026-02-23")
    project.train(6)
    project.mreg("register", "cancer", "model.joblib", *measured, "--version", "2.0.0-rc.1", "--stage", "staging")
    project.write("sentiment/weights.txt", "good 1\nbad -1\n")
    project.write("sentiment/vocabulary.txt", "good\nbad\n")
    project.mreg("register", "nlp/sentiment", "sentiment", "--metric", "accuracy=0.81", "--format", "text")
    project.commit("Keep the parameters")
