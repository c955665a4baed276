"""A project with a DVC pipeline of ten stages, as it is at each version: what comparison and lineage are measured on.

A project of one model has its pipeline at the root. One of several has a pipeline in each `models/<model>`, and all use
the same raw data and code. The raw data changes at every fifth version, the code of a stage at a pace of its own, some
parameters and all metrics always. What a stage makes changes only where something that it depends on did, so the hashes
in `dvc.lock` are related as in a real one.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.fast_import import init
from benchmarks.full_cards import full_card, metrics
from benchmarks.repositories import write_events

RAW, DATA_PACE = "data/raw", 5
RAW_SIZE, RAW_FILES = 734_003_200, 31

_COMMON = "src/common.py"
_FEATURES = "features/train.parquet features/valid.parquet"
_TEST = "features/test.parquet"
_TABLES = "interim/events.parquet interim/customers.parquet"
_SPLITS = "split/train.parquet split/valid.parquet split/test.parquet"
_RAW_FILE = f"outs:\n- md5: {{md5}}\n  size: {RAW_SIZE}\n  nfiles: {RAW_FILES}\n  hash: md5\n  path: raw\n"


@dataclass(frozen=True, slots=True)
class _Stage:
    """One stage; `deps`, `outs` and `metrics` are paths in the model's folder, separated by spaces."""

    name: str
    deps: str
    outs: str
    metrics: str = ""
    params: Mapping[str, float] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return f"src/{self.name}.py"


_STAGES = (
    _Stage("ingest", "", _TABLES, params={"window_days": 90}),
    _Stage("validate", _TABLES, "reports/validation.html"),
    _Stage("sessions", "interim/events.parquet", "interim/sessions.parquet", params={"gap_minutes": 30}),
    _Stage(
        "split", "interim/customers.parquet interim/sessions.parquet", _SPLITS, params={"seed": 7, "test_share": 0.2}
    ),
    _Stage("featurize", _SPLITS, f"{_FEATURES} {_TEST} encoder.pkl", params={"bins": 32, "min_count": 5}),
    _Stage("select", _FEATURES, "features/columns.json", params={"keep": 120}),
    _Stage(
        "train",
        f"{_FEATURES} features/columns.json",
        "model.pkl reports/training.csv",
        params={"learning_rate": 0.05, "rounds": 400, "depth": 6, "leaves": 63, "l2": 0.1, "subsample": 0.8},
    ),
    _Stage("evaluate", f"model.pkl {_TEST}", "reports/roc.csv", "metrics.json", {"threshold": 0.5}),
    _Stage("explain", f"model.pkl {_TEST}", "reports/shap.parquet", params={"samples": 2000}),
    _Stage("profile", f"model.pkl encoder.pkl {_TEST}", "reports/profile.json"),
)


def write_pipelines(root: Path, *, models: int, versions: int) -> None:
    """Write a project of so many models, m0001, m0002, …, with so many versions each, v1.0.0, v1.1.0, …"""

    def files(model: str, number: int) -> dict[str, str]:
        return _Snapshot(model, number, folder="" if models == 1 else f"models/{model}").files

    init(root)
    write_events(root, [f"m{number:04}" for number in range(1, models + 1)], versions=versions, files=files)


def raw_md5(number: int) -> str:
    """DVC's name for the raw data that versions of that number were trained on."""
    return f"{_md5(f'raw data {number // DATA_PACE}')}.dir"


@dataclass(frozen=True)
class _Snapshot:
    """The project as a version of a model finds it; `folder` is the pipeline's."""

    model: str
    number: int
    folder: str

    @property
    def files(self) -> dict[str, str]:
        """What its commit writes."""
        card = full_card(self.model, self.number, parameters=self._parameters, raw=RAW, md5=raw_md5(self.number))
        return {
            **self._texts,
            f"{RAW}.dvc": _RAW_FILE.format(md5=raw_md5(self.number)),
            posixpath.join(self.folder, "params.yaml"): "".join(self._params_file()),
            posixpath.join(self.folder, "dvc.yaml"): "stages:\n" + "".join(map(self._declared, _STAGES)),
            posixpath.join(self.folder, "dvc.lock"): "schema: '2.0'\nstages:\n" + "".join(map(self._locked, _STAGES)),
            self._own("card.yaml"): card,
        }

    @cached_property
    def _texts(self) -> dict[str, str]:
        """What the pipeline uses or makes that is in Git."""
        code = {stage.code: pace for pace, stage in enumerate(_STAGES, start=3)} | {_COMMON: 20}
        texts = {path: _code(path, self.number // pace) for path, pace in code.items()}
        return texts | {self._own("metrics.json"): json.dumps(metrics(self.model, self.number), indent=2) + "\n"}

    @cached_property
    def _parameters(self) -> dict[str, float]:
        fixed = {f"{stage.name}.{key}": value for stage in _STAGES for key, value in stage.params.items()}
        number = self.number
        changing = {"train.learning_rate": round(0.05 + number / 10_000, 4), "train.rounds": 400 + 10 * (number // 3)}
        return {**fixed, **changing}

    @cached_property
    def _recorded(self) -> dict[str, str]:
        """Path → md5 of all that the pipeline uses or makes."""
        known = {RAW: raw_md5(self.number)} | {path: _md5(text) for path, text in self._texts.items()}
        for stage in _STAGES:
            used = "".join(known[path] for path in self._deps(stage))
            values = [self._parameters[f"{stage.name}.{key}"] for key in stage.params]
            known |= {out: _md5(f"{out} {used} {values}") for out in self._paths(stage.outs)}
        return known

    def _own(self, path: str) -> str:
        return f"models/{self.model}/{path}"

    def _paths(self, paths: str) -> list[str]:
        return [self._own(path) for path in paths.split()]

    def _deps(self, stage: _Stage) -> list[str]:
        return [*(self._paths(stage.deps) or [RAW]), _COMMON, stage.code]

    def _here(self, path: str) -> str:
        return posixpath.relpath(path, self.folder or ".")

    def _params_file(self) -> Iterator[str]:
        for stage in _STAGES:
            if stage.params:
                yield f"{stage.name}:\n"
            yield from (f"  {key}: {self._parameters[f'{stage.name}.{key}']}\n" for key in stage.params)

    def _begun(self, stage: _Stage) -> str:
        return f"  {stage.name}:\n    cmd: python {self._here(stage.code)} {self.model}\n"

    def _declared(self, stage: _Stage) -> str:
        parts = {
            "deps": map(self._here, self._deps(stage)),
            "params": (f"{stage.name}.{key}" for key in stage.params),
            "outs": map(self._here, self._paths(stage.outs)),
            "metrics": (f"{self._here(path)}:\n        cache: false" for path in self._paths(stage.metrics)),
        }
        lists = {key: "".join(f"    - {entry}\n" for entry in entries) for key, entries in parts.items()}
        return self._begun(stage) + "".join(f"    {key}:\n{entries}" for key, entries in lists.items() if entries)

    def _locked(self, stage: _Stage) -> str:
        deps = "".join(map(self._entry, self._deps(stage)))
        outs = "".join(map(self._entry, self._paths(f"{stage.metrics} {stage.outs}")))
        names = [f"{stage.name}.{key}" for key in stage.params]
        values = "".join(f"        {name}: {self._parameters[name]}\n" for name in names)
        params = f"    params:\n      params.yaml:\n{values}" if values else ""
        return f"{self._begun(stage)}    deps:\n{deps}{params}    outs:\n{outs}"

    def _entry(self, path: str) -> str:
        md5 = self._recorded[path]
        head = f"    - path: {self._here(path)}\n      hash: md5\n      md5: {md5}\n"
        if path == RAW:
            return f"{head}      size: {RAW_SIZE}\n      nfiles: {RAW_FILES}\n"
        text = self._texts.get(path)
        return f"{head}      size: {len(text) if text else 1_000_000 + int(md5[:5], 16)}\n"


def _code(path: str, revision: int) -> str:
    """Thirty lines of which each revision changes four."""
    steps = (f"    table = step_{line}(table, {line if line % 9 else revision})\n" for line in range(30))
    return f'"""{path}"""\n\n\ndef run(table):\n{"".join(steps)}    return table\n'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
