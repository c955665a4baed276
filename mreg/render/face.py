"""The two faces of a result: blocks for people, and one documented shape of JSON for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mreg.render.blocks import Block

T = TypeVar("T")

SCHEMA = "mreg/v1"


def _nothing(_: Any) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Face(Generic[T]):
    """How results of one type look.

    Attributes:
        kind: The name of the JSON shape, see docs/json.md.
        blocks: What a person sees on stdout.
        data: The JSON shape's `data`.
        notices: What a person should know besides, for stderr; JSON has them too.
    """

    kind: str
    blocks: Callable[[T], list[Block]]
    data: Callable[[T], Any]
    notices: Callable[[T], Iterable[str]] = _nothing

    def to_json(self, result: T, *, ascii_only: bool = False) -> str:
        """The whole document: schema, kind, data and notices."""
        document = {
            "schema": SCHEMA,
            "kind": self.kind,
            "data": self.data(result),
            "notices": list(self.notices(result)),
        }
        return json.dumps(document, indent=2, ensure_ascii=ascii_only, allow_nan=False) + "\n"
