"""`.mreg.yaml`: what the project configures, checked word by word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.core.events import ARCHIVED, NONE
from mreg.core.names import check_label, check_model_name, did_you_mean
from mreg.core.policy import BUILT_IN, MetricRule, Policy, Stage
from mreg.errors import MregError, RegistryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mreg.adapters.yaml.text import Document

FILE = ".mreg.yaml"
SCHEMA = "mreg/v1"


class InvalidConfiguration(RegistryError):
    """A line of `.mreg.yaml` that says nothing mreg can follow."""

    def __init__(self, *, line: int, column: int, problem: str, hint: str = "") -> None:
        super().__init__(f"{FILE}:{line}:{column}: {problem}")
        self.line, self.column, self.problem = line, column, problem
        self.hint = hint or "docs/format.md#configuration lists what may stand there"


def parse_policy(data: bytes) -> Policy:
    """The policy that a `.mreg.yaml` says.

    Args:
        data: The file's bytes; an empty file, or one of comments alone, is the defaults.

    Raises:
        YamlFault: It is not the YAML that mreg reads.
        InvalidConfiguration: A key or value means nothing; line and column say where.

    Source: docs/format.md#configuration
    """
    if not any(line.strip() and not line.lstrip().startswith(b"#") for line in data.splitlines()):
        return Policy()
    from mreg.adapters.yaml.text import load

    reader = _Reader(load(data, source=FILE))
    top = reader.mapping((), {"schema", "models_dir", "stages", "metrics", "push"})
    if top.get("schema", SCHEMA) != SCHEMA:
        raise reader.fault(("schema",), f"the schema {top['schema']!r} is not {SCHEMA}", "update mreg")
    stages = {name: reader.stage(name) for name in reader.names(("stages",))}
    return Policy(
        models_dir=reader.models_dir(top.get("models_dir", Policy().models_dir)),
        stages={**BUILT_IN, **stages},
        metrics={name: reader.metric(name) for name in reader.names(("metrics",))},
        leases=reader.leases(),
    )


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document

    def fault(
        self, path: tuple[str | int, ...], problem: str, hint: str = "", *, at_key: bool = False
    ) -> InvalidConfiguration:
        line, column = self._document.position(path, key=at_key)
        return InvalidConfiguration(line=line, column=column, problem=problem, hint=hint)

    def _at(self, path: tuple[str, ...]) -> Any:
        value: Any = self._document.data
        for key in path:
            value = value.get(key)
        return value

    def mapping(self, path: tuple[str, ...], allowed: set[str]) -> Mapping[str, Any]:
        value = self._at(path)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.fault(path, f"{path[-1]} is a mapping of keys to values")
        for key in value:
            if key not in allowed:
                problem = f"there is no key {key!r} here"
                raise self.fault((*path, key), problem, did_you_mean(key, allowed), at_key=True)
        return value

    def names(self, path: tuple[str, ...]) -> tuple[str, ...]:
        value = self._at(path)
        return tuple(self.mapping(path, set(value) if isinstance(value, dict) else set()))

    def models_dir(self, value: object) -> str:
        try:
            return check_model_name(value if isinstance(value, str) else "")
        except MregError as error:
            problem = f"models_dir is a folder inside the repository, not {value!r}"
            hint = "write it from the repository's root, as in models or ml/models"
            raise self.fault(("models_dir",), problem, hint) from error

    def leases(self) -> bool:
        leases = self.mapping(("push",), {"leases"}).get("leases", True)
        if not isinstance(leases, bool):
            raise self.fault(("push", "leases"), "leases is true or false")
        return leases

    def stage(self, name: str) -> Stage:
        path = ("stages", name)
        if name not in BUILT_IN:
            try:
                check_label(name, kind="a stage")
            except MregError as error:
                raise self.fault(path, str(error), error.hint, at_key=True) from error
        content = self.mapping(path, {"exclusive", "from"})
        exclusive = content.get("exclusive", BUILT_IN[name].exclusive if name in BUILT_IN else False)
        if not isinstance(exclusive, bool):
            raise self.fault((*path, "exclusive"), "exclusive is true or false")
        if exclusive and name in (NONE, ARCHIVED):
            raise self.fault((*path, "exclusive"), f"{name} is where versions are that nobody uses: any number of them")
        return Stage(name=name, exclusive=exclusive, origins=self._origins(path, content.get("from")))

    def _origins(self, path: tuple[str, ...], value: object) -> tuple[str, ...] | None:
        if value is None:
            return None
        known = {*BUILT_IN, *self.names(("stages",))}
        if not isinstance(value, list) or not value:
            raise self.fault((*path, "from"), "from is a list of stages, as in [staging]")
        for index, origin in enumerate(value):
            if not isinstance(origin, str) or origin not in known:
                hint = did_you_mean(str(origin), known)
                raise self.fault((*path, "from", index), f"there is no stage {origin!r}", hint)
        return tuple(value)

    def metric(self, name: str) -> MetricRule:
        path = ("metrics", name)
        content = self.mapping(path, {"direction", "weight"})
        direction, weight = content.get("direction"), content.get("weight")
        if direction not in (None, "min", "max"):
            raise self.fault((*path, "direction"), "direction is min or max")
        if weight is not None and (isinstance(weight, bool) or not isinstance(weight, int | float)):
            raise self.fault((*path, "weight"), "weight is a number")
        return MetricRule(direction=direction, weight=None if weight is None else float(weight))
