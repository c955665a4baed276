"""What only a `dvc.yaml` says about the stages of the lock beside it: which it still has, where they run, and what of
their outs measures something.

Source: dvc.schema (DVC 3)
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from mreg.adapters.dvc.dvcyaml import PARAMS, fits, is_report
from mreg.adapters.dvc.settings import PIPELINE, Settings, read_pipeline_yaml
from mreg.adapters.dvc.variables import Unresolved, Variables
from mreg.adapters.yaml.plain import Plain, PlainYamlError, as_list, as_mapping, as_text, read_plain_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_TEMPLATE = re.compile(r"\$\{[^{}]*\}")


class Declarations(Settings):
    """The stages of one `dvc.yaml`."""

    def __init__(self, dvc_yaml: bytes | None, folder: str, variables: Iterable[bytes | None] = ()) -> None:
        """Read it; None is one that is not there.

        Args:
            dvc_yaml: Its bytes.
            folder: Where it lies, posix, relative to the Git root.
            variables: The contents of its `variable_files`.

        Raises:
            PlainYamlError: It is not what DVC reads.
        """
        super().__init__(dvc_yaml)
        self._folder = folder
        self._document = as_mapping(read_pipeline_yaml(dvc_yaml or b"") or {}, PIPELINE)
        self._variables = Variables([*as_list(self._document.get("vars"), "vars"), *map(_tree, variables)])
        self._loops: dict[str, Mapping[str, Plain]] = {}
        self._remotes: dict[str, dict[str, Plain | None]] = {}

    @property
    def variable_files(self) -> tuple[str, ...]:
        """The files that the templates in a `wdir` may take values from; most pipelines need none."""
        bodies = [body for name in self._stages if (body := self._stage(name))]
        if not any("${" in wdir for body in bodies if isinstance(wdir := body.get("wdir"), str)):
            return ()
        named = (item for item in as_list(self._document.get("vars"), "vars") if isinstance(item, str))
        files = (posixpath.join(self._folder, name.partition(":")[0]) for name in (PARAMS, *named))
        return tuple(dict.fromkeys(map(posixpath.normpath, files)))

    def wdir(self, name: str) -> str:
        """The stage's folder, relative to the file's.

        Raises:
            PlainYamlError: It is a template without a value, or no text.
        """
        return self._fill(as_text(self._stage(name).get("wdir") or ".", f"wdir of {name}"), name)

    def folder(self, name: str) -> str:
        """The same, relative to the Git root; raises as `wdir` does."""
        return posixpath.join(self._folder, self.wdir(name))

    def command(self, name: str) -> str | None:
        """What the stage would run now; None where that is a template, or not known."""
        command = self._stage(name).get("cmd")
        lines = command if isinstance(command, list) else [command]
        texts = [line for line in lines if isinstance(line, str) and "${" not in line]
        return "\n".join(texts) if len(texts) == len(lines) else None

    def metrics(self, name: str, outs: Sequence[str]) -> Iterator[str]:
        """Which of a stage's outs, or files in them, are metrics; all paths are relative to the Git root."""
        yield from self._among(name, "metrics", outs)
        for path in _paths(self._document, "metrics"):
            if any(_is_in(out, found := _join(self._folder, path)) for out in outs):
                yield found

    def only_reports(self, name: str, outs: Sequence[str]) -> bool:
        """Whether all that a stage made tells about what it used: metrics, plots, tables."""
        told = [*self.metrics(name, outs), *self._among(name, "plots", outs)]
        told += [_join(self._folder, path) for path in _paths(self._document, "plots")]
        return all(is_report(out) or any(_is_in(out, path) for path in told) for out in outs)

    def remote(self, name: str, out: dict[str, Plain]) -> Plain | None:
        """The DVC remote that an out of the stage alone uses."""
        if name not in self._remotes:
            entries = as_list(self._stage(name).get("outs"), f"outs of {name} in {PIPELINE}")
            flagged = [item for entry in entries if isinstance(entry, dict) for item in entry.items()]
            self._remotes[name] = {path: flags.get("remote") for path, flags in flagged if isinstance(flags, dict)}
        return self._remotes[name].get(str(out.get("path")))

    def _among(self, name: str, key: str, outs: Sequence[str]) -> Iterator[str]:
        folder = self.folder(name)
        exact = set(outs)
        for path in _paths(self._stage(name), key):
            try:
                found = [_join(folder, self._fill(path, name))]
            except Unresolved:
                pieces = _TEMPLATE.split(_join(folder, path))
                found = [out for out in outs if fits(pieces, out)]
            yield from (out for out in found if out in exact)

    def _fill(self, text: str, name: str) -> str:
        if "${" not in text:
            return text
        base, at, key = name.rpartition("@")
        # What a loop runs over may be unknown: the name tells this much.
        loop = {"key": key, "item": self._turns(base).get(key, key)} if at else {}
        return self._variables.fill(text, loop)

    def _turns(self, base: str) -> Mapping[str, Plain]:
        if base not in self._loops:
            entry = self._stages.get(base)
            try:
                self._loops[base] = self._variables.turns(entry) if isinstance(entry, dict) else {}
            except PlainYamlError:
                self._loops[base] = {}
        return self._loops[base]


def _tree(data: bytes | None) -> Plain:
    try:
        return read_plain_yaml(data or b"")
    except PlainYamlError:  # what it would have told is unresolved then
        return ""


def _paths(body: dict[str, Plain], key: str) -> Iterator[str]:
    """The paths in a list of outs, each of which may have its flags; in a plots section they may be anything."""
    listed = body.get(key)
    for entry in listed if isinstance(listed, list) else [listed]:
        if isinstance(entry, dict):
            yield from entry
        elif isinstance(entry, str) and entry:
            yield entry


def _is_in(folder: str, path: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _join(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))
