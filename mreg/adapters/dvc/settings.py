"""What only a `dvc.yaml` says about the stages of the lock beside it, as far as their outs are concerned."""

from __future__ import annotations

import re
from functools import lru_cache

from mreg.adapters.yaml.plain import Plain, PlainYamlError, as_list, as_mapping, as_text, read_plain_yaml

PIPELINE = "dvc.yaml"

_LOOPS = ("foreach", "matrix")
_FOREACH = re.compile(r"\$\{\s*(?:item|key)\s*\}")


@lru_cache(maxsize=64)
def read_pipeline_yaml(data: bytes) -> Plain:
    """A `dvc.yaml`, read once although thousands of locks were written beside it. It is shared: do not change it."""
    return read_plain_yaml(data)


class Elsewhere(PlainYamlError):
    """An out that is no artifact of this repository: outside it, or without bytes."""


class Settings:
    """What only `dvc.yaml` says about the stages of a lock."""

    def __init__(self, dvc_yaml: bytes | None) -> None:
        """Read it; None is one that is not there."""
        self._exists = dvc_yaml is not None
        document = as_mapping(read_pipeline_yaml(dvc_yaml or b"") or {}, PIPELINE)
        self._stages = as_mapping(document.get("stages") or {}, f"stages in {PIPELINE}")

    def declares(self, name: str) -> bool:
        """Whether the stage is still there: a lock remembers stages that were renamed or removed."""
        base, at, _ = name.rpartition("@")
        entry = self._stages.get(base if at else name)
        return not self._exists or (isinstance(entry, dict) and bool(at) == any(loop in entry for loop in _LOOPS))

    def wdir(self, name: str) -> str:
        """The stage's folder, relative to the file's."""
        key = name.partition("@")[2]
        wdir = _FOREACH.sub(lambda _: key, as_text(self._stage(name).get("wdir", "."), f"wdir of {name}"))
        if "${" in wdir:
            raise Elsewhere(f"wdir of {name} is a template")
        return wdir

    def remote(self, name: str, out: dict[str, Plain]) -> Plain | None:
        for entry in as_list(self._stage(name).get("outs"), f"outs of {name} in {PIPELINE}"):
            if isinstance(entry, dict) and isinstance(flags := entry.get(str(out.get("path"))), dict):
                return flags.get("remote")
        return None

    def _stage(self, name: str) -> dict[str, Plain]:
        entry = self._stages.get(name) or self._stages.get(name.partition("@")[0]) or {}
        stage = as_mapping(entry, f"stage {name} in {PIPELINE}")
        return as_mapping(stage["do"], f"stage {name}") if "foreach" in stage and "do" in stage else stage
