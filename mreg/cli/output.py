"""Where results go: data to stdout, everything else to stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mreg.render.blocks import Block
    from mreg.render.face import Face

T = TypeVar("T")


def emit(result: T, face: Face[T], *, json: bool) -> None:
    """Print a result to stdout: as JSON, as plain text for a pipe, or with colours for a person."""
    if json:
        sys.stdout.write(face.to_json(result))
        return
    _print(face.blocks(result))
    note(face.notices(result))


def _print(blocks: list[Block]) -> None:
    if not sys.stdout.isatty():
        from mreg.render.plain import to_plain

        sys.stdout.write(to_plain(blocks))
        return
    from rich.console import Console

    from mreg.render.terminal import to_rich

    console = Console(highlight=False)
    for renderable in to_rich(blocks):
        console.print(renderable)


def note(texts: Iterable[str]) -> None:
    """Print remarks for a person to stderr."""
    from mreg.render.blocks import safe

    for text in texts:
        sys.stderr.write("\n".join(safe(row) for row in text.split("\n")) + "\n")
