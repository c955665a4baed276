"""What a card says, for people: read leniently, since a card in history may be anybody's and need not be valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, Column, Fields, Table
from mreg.render.words import NOTHING, number_cells, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ABOUT = (
    *("description", "task", "license", "owners", "base_models", "architecture", "tradeoffs", "risk_rating"),
    *("languages", "tags", "documentation", "citation"),
)
_BESIDES = ("unit", "dataset", "split", "slice", "ci", "n", "source")

Pairs = tuple[tuple[str, Cell], ...]


def about(card: Mapping[str, Any]) -> Iterator[tuple[str, Cell]]:
    """What the card says in a line: description, license, owners, …"""
    for key in _ABOUT:
        if (value := card.get(key)) not in (None, "", [], {}):
            yield key.replace("_", " "), Cell(_phrase(value))


def sections(card: Mapping[str, Any]) -> Iterator[Block]:
    """What it says at length: evaluations, then what made the model, what it is for, and what may go wrong."""
    training = mapping(card.get("training"))
    if evaluations := [entry for entry in sequence(card.get("evaluations")) if isinstance(entry, dict)]:
        yield _evaluations(evaluations)
    for title, pairs in (
        (
            "parameters",
            tuple((name, Cell(_phrase(item))) for name, item in mapping(training.get("parameters")).items()),
        ),
        ("datasets", _datasets(training)),
        ("run", _pairs(training.get("run"))),
        ("compute", _pairs(training.get("compute"))),
        ("intended use", _pairs(card.get("intended_use"))),
        ("limitations", _items(card.get("limitations"))),
        ("risks", _items(card.get("risks"))),
    ):
        if pairs:
            yield Fields(title, pairs)


def recorded(metrics: Mapping[str, float], parameters: Mapping[str, Any]) -> Iterator[Block]:
    """What a pipeline recorded of a model that has no card."""
    if metrics:
        values = number_cells(list(metrics.values()))
        rows = tuple((Cell(name, "name"), value) for name, value in zip(metrics, values, strict=True))
        yield Table((Column("METRIC"), Column("VALUE", right=True)), rows)
    if parameters:
        yield Fields("parameters", tuple((name, Cell(_phrase(value))) for name, value in parameters.items()))


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> Sequence[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else ()


def _phrase(value: Any) -> str:
    """A value in a line: of a mapping, the first value and the others in parentheses."""
    if isinstance(value, list):
        return ", ".join(map(_phrase, value))
    if isinstance(value, dict):
        first, *more = map(_phrase, value.values()) if value else ("",)
        return f"{first} ({', '.join(more)})" if more else first
    return scalar(value).strip()


def _pairs(value: Any) -> Pairs:
    return tuple((key.replace("_", " "), Cell(_listed(item))) for key, item in mapping(value).items())


def _listed(value: Any) -> str:
    return "\n".join(map(_phrase, value)) if isinstance(value, list) else _phrase(value)


def _items(value: Any) -> Pairs:
    """A list, an item a line; what an item has besides its first key is in lines of its own."""
    return tuple(("-", Cell(_item(item))) for item in sequence(value))


def _item(value: Any) -> str:
    if not isinstance(value, dict) or not value:
        return _phrase(value)
    first, *more = value.items()
    return "\n".join([_phrase(first[1]), *(f"{key}: {_phrase(item)}" for key, item in more)])


def _datasets(training: Mapping[str, Any]) -> Pairs:
    pairs = []
    for entry in map(mapping, sequence(training.get("datasets"))):
        where = next((str(entry[key]) for key in ("path", "uri") if entry.get(key)), "")
        name = str(entry.get("name") or where)
        told = ("" if where == name else where, str(entry.get("revision") or ""))
        pairs.append((name, Cell(" ".join(filter(None, told)))))
    if training.get("undisclosed"):
        pairs.append(("undisclosed", Cell(_phrase(training["undisclosed"]))))
    return tuple(pairs)


def _evaluations(entries: Sequence[Mapping[str, Any]]) -> Table:
    extra = [key for key in _BESIDES if any(entry.get(key) for entry in entries)]
    columns = [Column("METRIC"), Column("VALUE", right=True), Column("BETTER", spare=True)]
    columns += [Column(key.upper(), spare=key != "unit") for key in extra]
    values = number_cells([_number(entry.get("value")) for entry in entries])
    rows = tuple(
        (
            Cell(str(entry.get("metric")), "name"),
            value,
            _better(entry.get("direction")),
            *(_detail(key, entry.get(key)) for key in extra),
        )
        for entry, value in zip(entries, values, strict=True)
    )
    return Table(tuple(columns), rows)


def _better(direction: Any) -> Cell:
    return {"min": Cell("lower", "faint"), "max": Cell("higher", "faint")}.get(str(direction), NOTHING)


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _detail(key: str, value: Any) -> Cell:
    if not value:
        return NOTHING
    if key == "ci":
        ends = mapping(value)
        return Cell(f"{scalar(ends.get('lower'))} to {scalar(ends.get('upper'))}")
    if isinstance(value, dict):
        return Cell(", ".join(f"{name}={_phrase(item)}" for name, item in value.items()))
    return Cell(_phrase(value))
