"""The same history in GTO's own format, for the comparison with `gto show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.fast_import import Tag, import_tags, init
from benchmarks.repositories import EVENTS, VERSIONS, finish, import_versions, model_names, time_of, version

_STAGES = ("staging", "production", "archived")


def write_gto_registry(root: Path, *, tags: int) -> None:
    """Write a registry of so many tags (a multiple of 100): `m0001@v1.0.0`, `m0001#production#2`, `artifacts:`."""
    names = model_names(tags)
    init(root)
    entries = (f"  {model}:\n    path: models/{model}/model.pkl\n    type: model\n" for model in names)
    versions = import_versions(root, names, {"dvc.yaml": "artifacts:\n" + "".join(entries)})
    import_tags(root, _tags(names, versions))
    finish(root)


def _tags(names: Sequence[str], versions: Mapping[tuple[str, int], str]) -> Iterator[Tag]:
    for index, model in enumerate(names):
        for number in range(VERSIONS):
            for event in range(EVENTS):
                name, message = _event(model, number, event)
                yield Tag(name, versions[model, number], message, time_of(len(names), index, number, event))


def _event(model: str, number: int, event: int) -> tuple[str, str]:
    """Name and message of a tag, as `gto register` and `gto assign` write them."""
    if event == 0:
        return f"{model}@v{version(number)}", f"Registering artifact {model} version v{version(number)}\n"
    stage, count = _STAGES[event - 1], number * len(_STAGES) + event
    return f"{model}#{stage}#{count}", f"Assigning stage {stage} to artifact {model} version v{version(number)}\n"
