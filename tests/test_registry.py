"""The library: the command line's verbs with typed results, errors as exceptions, and nothing printed."""

from __future__ import annotations

import dataclasses
import inspect
import re
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mreg
from mreg import EventKind, Registry, SignatureState
from mreg.errors import MregError, RegistryError, SystemFailure, UsageError
from tests.gitrepos import copy_repository, git, write

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def first_registry(first_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with churn v1.0.0 in production and v1.1.0. Not to be changed."""
    root = copy_repository(first_repository, tmp_path_factory.mktemp("library") / "repository")
    Registry.init(root)
    there = Registry(root)
    for number, f1 in enumerate((0.9, 0.93)):
        write(root / "model.pkl", f"weights {number}")
        there.register("churn", root / "model.pkl", metrics={"f1": f1}, params={"depth": number})
    there.promote("churn@v1.0.0", "production", reason="good enough")
    return root


@pytest.fixture(autouse=True)
def silent(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Nothing is printed, whatever is called."""
    yield
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def root(first_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of this test's own; the current folder is another one."""
    monkeypatch.chdir(tmp_path)
    return copy_repository(first_registry, tmp_path / "repository")


@pytest.fixture
def there(root: Path) -> Registry:
    return Registry(root)


def test_init(first_repository: Path, tmp_path: Path) -> None:
    root = copy_repository(first_repository, tmp_path / "repository")
    done = Registry.init(root)
    assert done.root == root.resolve()
    assert len(done.done) == 2
    assert Registry.init(str(root)).done == ()


def test_register(there: Registry, root: Path, tmp_path: Path) -> None:
    model = write(tmp_path / "runs" / "net.onnx", "weights")
    write(tmp_path / "metrics.json", '{"auc": 0.8}')
    done = there.register(
        "churn",
        model,
        bump="major",
        metrics={"f1": 0.95},
        metrics_files=["metrics.json"],  # relative to the current folder
        data=[root / "train.py"],
        base_models=["churn@production"],
        framework="onnxruntime",
        reason="exported",
        stage="staging",
    )
    assert str(done.version) == "2.0.0"
    assert done.event is not None
    assert (done.event.kind, done.event.tag) == (EventKind.REGISTER, "churn@v2.0.0")
    assert dict(done.metrics) == {"auc": 0.8, "f1": 0.95}
    assert done.pointer is not None
    assert done.pointer.path == "models/churn/net.onnx"
    assert done.promoted is not None
    assert done.promoted.stage == "staging"
    assert there.register("churn", model, metrics={"f1": 0.95}, metrics_files=["metrics.json"]).repeated


def test_drafts_and_dry_runs(there: Registry, root: Path) -> None:
    write(root / "model.pkl", "weights 9")
    before = git(root, "for-each-ref")
    assert there.register("churn", root / "model.pkl", dry_run=True).event is None
    assert git(root, "for-each-ref") == before
    assert there.register("churn", root / "model.pkl", draft=True).event is None
    assert str(there.register("churn").version) == "1.2.0"


def test_stages(there: Registry) -> None:
    promoted = there.promote("churn@v1.1.0", "production", reason="better", force=True)
    assert promoted.event is not None
    assert [str(version) for version in promoted.event.change.supersedes] == ["1.0.0"]
    assert there.promote("churn@v1.1.0", "production").event is None
    assert str(there.rollback("churn", reason="worse").version) == "1.0.0"
    assert str(there.rollback("churn", stage="production", to="1.1.0").version) == "1.1.0"
    assert [str(done.version) for done in there.archive("churn@v1.0.0", "churn@v1.1.0")] == ["1.0.0", "1.1.0"]
    assert there.yank("churn@v1.1.0", reason="wrong data").event is not None
    assert str(there.resolve("churn").version) == "1.0.0"


def test_aliases_and_annotations(there: Registry) -> None:
    there.alias("churn@v1.0.0", "champion")
    assert there.resolve("churn@champion").aliases == ("champion",)
    assert there.unalias("churn", "champion").event is not None
    done = there.annotate("churn@v1.0.0", {"passed": True, "drift": 0.1})
    assert done.changed == ("passed", "drift")
    assert {key: fact.value for key, fact in done.annotations.items()} == {"drift": 0.1, "passed": True}
    assert list(there.annotate("churn@v1.0.0", {}, remove=["drift"]).annotations) == ["passed"]


def test_reading(there: Registry) -> None:
    (model,) = there.models().rows
    assert (model.model, str(model.latest), model.versions) == ("churn", "1.1.0", 2)
    assert there.models(stage="staging").rows == ()
    rows = there.versions("churn", sort="f1", limit=1).rows
    assert [(str(row.state.version), dict(row.metrics)) for row in rows] == [("1.1.0", {"f1": 0.93})]
    detail = there.show("churn@production")
    assert detail.dossier.card is not None
    assert detail.dossier.card["training"]["parameters"] == {"depth": 0}
    assert str(there.resolve("churn@production").version) == "1.0.0"
    entry = there.history("churn", stage="production")[0]
    assert (entry.event.change.reason, entry.signature.state) == ("good enough", SignatureState.NONE)


def test_get(there: Registry, tmp_path: Path) -> None:
    delivered = there.get("churn@production", tmp_path / "serving")
    assert delivered.path.read_text() == "weights 0"
    assert there.get("churn@v1.1.0", str(tmp_path / "serving"), force=True).path.read_text() == "weights 1"


def test_cards_and_proof(there: Registry, root: Path) -> None:
    assert there.new_card("fraud") == root.resolve() / "models/fraud/card.yaml"
    assert there.check_card("fraud").faults == ()
    assert there.check_card("churn").gaps
    proof = there.verify(deep=True)
    assert (proof.models, proof.versions, proof.artifacts, proof.faults) == (1, 2, 2, ())


def test_progress_is_reported_to_the_caller(there: Registry, tmp_path: Path) -> None:
    from tests.adapters.dvcrepos import Counting

    counting = Counting()
    there.get("churn", tmp_path / "out", progress=counting)
    assert counting.tasks == {"Copying model.pkl": (9, 9)}


@pytest.mark.parametrize(
    ("call", "kind", "code"),
    [
        (lambda there: there.show("chrn"), RegistryError, 1),
        (lambda there: there.promote("churn", "prod"), RegistryError, 1),
        (lambda there: there.show("churn@"), UsageError, 2),
        (lambda there: there.register("churn", "model.pkl", version="1"), UsageError, 2),
        (lambda there: Registry("/"), SystemFailure, 3),
    ],
)
def test_errors_hold_facts(there: Registry, call: object, kind: type[MregError], code: int) -> None:
    assert callable(call)
    with pytest.raises(kind) as raised:
        call(there)
    assert raised.value.exit_code == code
    assert raised.value.hint
    assert raised.value.facts()


def test_a_relative_path_outlives_the_current_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    there = Registry(root.name)
    monkeypatch.chdir("/")
    assert len(there.models().rows) == 1


def test_it_never_goes_stale(there: Registry, root: Path) -> None:
    assert there.models().stages == ("staging", "production")
    write(root / ".mreg.yaml", "stages:\n  canary:\n")
    assert there.models().stages == ("staging", "production", "canary")
    Registry(root).promote("churn@v1.1.0", "canary")
    assert str(there.resolve("churn@canary").version) == "1.1.0"


def test_the_command_line_and_the_library_have_the_same_verbs() -> None:
    from mreg.cli.app import app

    commands = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    verbs = {name for name, _ in inspect.getmembers(Registry, inspect.isroutine) if not name.startswith("_")}
    assert commands - verbs == {"ls"}
    assert verbs - commands == {"models", "versions", "new_card", "check_card", "at"}


def test_every_name_is_exported() -> None:
    assert set(mreg.__all__) == set(dir(mreg))
    for name in mreg.__all__:
        value = getattr(mreg, name)
        assert isinstance(value, str) or value.__module__.startswith("mreg.")
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        mreg.Nonsense  # noqa: B018 - the access is the test


def test_results_cannot_be_changed() -> None:
    for name in set(mreg.__all__) - {"Registry", "Version", "__version__"}:
        kind = getattr(mreg, name)
        frozen = dataclasses.is_dataclass(kind) and vars(kind)["__dataclass_params__"].frozen
        assert frozen or issubclass(kind, tuple | Enum), name


def test_every_result_type_is_exported() -> None:
    for name, method in inspect.getmembers(Registry, inspect.isfunction):
        returned = re.sub(r"^(list|Iterator)\[(.*)\]$", r"\2", str(inspect.signature(method).return_annotation))
        assert name.startswith("_") or {*returned.split(" | ")} <= {*mreg.__all__, "Path"}, name


def test_type_checkers_see_the_same_names() -> None:
    text = Path(inspect.getfile(mreg)).read_text()
    assert {name for name in mreg.__all__ if f"import {name} as {name}" in text} == {*mreg.__all__} - {"__version__"}


def test_it_is_typed() -> None:
    assert (Path(inspect.getfile(mreg)).parent / "py.typed").is_file()
