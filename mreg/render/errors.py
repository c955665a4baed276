"""Errors as JSON, for programs that asked for JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from mreg.render.face import SCHEMA

if TYPE_CHECKING:
    from mreg.errors import MregError


def error_json(error: MregError) -> str:
    """The document that stands on stderr instead of text; see docs/json.md."""
    data = {
        "type": type(error).__name__,
        "message": str(error),
        "hint": error.hint or None,
        "exit_code": error.exit_code,
        "facts": error.facts(),
    }
    document = {"schema": SCHEMA, "kind": "error", "data": data}
    return json.dumps(document, indent=2, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
