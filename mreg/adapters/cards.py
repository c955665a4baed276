"""Model cards as files: read strictly, read leniently and quickly, compared, begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mreg.core.names import check_model_name
from mreg.errors import RegistryError

if TYPE_CHECKING:
    from mreg.adapters.yaml.text import Document
    from mreg.core.card import Card
    from mreg.core.summary import CardSummary


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """One thing wrong with a card file; line and column from 1. `path` is empty where the YAML itself is broken."""

    line: int
    column: int
    path: tuple[str | int, ...]
    problem: str


class CardFaults(RegistryError):
    """A file that is no valid card, with everything that is wrong in it, in the order of the file."""

    def __init__(self, *, source: str, faults: tuple[PlacedFault, ...]) -> None:
        super().__init__("\n".join(f"{source}:{fault.line}:{fault.column}: {fault.problem}" for fault in faults))
        self.source, self.faults = source, faults
        self.hint = "docs/card.md says what each key holds"


@dataclass(frozen=True, slots=True)
class ParsedCard:
    """A valid card, and the document that knows where its values stand."""

    document: Document
    card: Card


def parse(data: bytes, *, source: str) -> ParsedCard:
    """The card that a file holds.

    Args:
        source: The file's name, for errors.

    Raises:
        CardFaults: It holds none; with every fault's line and column.

    Source: docs/card.md
    """
    from mreg.adapters.yaml.nodes import YamlFault
    from mreg.adapters.yaml.text import load
    from mreg.core.card import InvalidCard, validate

    try:
        document = load(data, source=source)
    except YamlFault as error:
        fault = PlacedFault(error.line, error.column, (), error.problem)
        raise CardFaults(source=source, faults=(fault,)) from error
    try:
        return ParsedCard(document, validate(document.data))
    except InvalidCard as error:
        placed = [
            PlacedFault(*document.position(fault.path, key=fault.at_key), fault.path, str(fault))
            for fault in error.faults
        ]
        placed.sort(key=lambda fault: (fault.line, fault.column))
        raise CardFaults(source=source, faults=tuple(placed)) from error


def read_data(data: bytes) -> dict[str, Any] | None:
    """A card file as plain data, valid or not; None where it is not YAML that mreg reads."""
    from mreg.adapters.yaml.nodes import YamlFault
    from mreg.adapters.yaml.text import load

    try:
        return load(data, source="card.yaml").data
    except YamlFault:
        return None


def summary(data: bytes) -> CardSummary | None:
    """What a card file says of its version, without validating it: for commands that read many cards.

    Returns:
        None where the file is not YAML that mreg reads. A part that is not what it should be is left out.
    """
    from mreg.core.summary import summarize

    card = read_data(data)
    return None if card is None else summarize(card)


def skeleton(model: str) -> str:
    """The text of a new card for a model: valid, with every other key explained in a comment.

    Raises:
        InvalidName: The model cannot be named so.
    """
    from string import Template

    from mreg.adapters.templates import read_template
    from mreg.adapters.yaml.write import inline

    check_model_name(model)
    name, path = (inline(text, flow=False) for text in (model, f"models/{model}/model.pkl"))
    return Template(read_template("card.yaml")).substitute(model=model, name=name, path=path)


def same_content(a: bytes, b: bytes) -> bool:
    """Whether two card files say the same but for their version and the commit that trained: the model was registered
    before. False where either is not YAML that mreg reads."""
    from mreg.adapters.yaml.slots import same

    one, other = read_data(a), read_data(b)
    return one is not None and other is not None and same(_essence(one), _essence(other))


def _essence(card: Mapping[str, Any]) -> dict[str, Any]:
    training = {key: value for key, value in _mapping(card.get("training")).items() if key != "code"}
    return {**{key: value for key, value in card.items() if key != "version"}, "training": training}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
