"""Blocks as plain text: what a pipe, a file or a dumb terminal gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.render.layout import lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.render.blocks import Block


def to_plain(blocks: Sequence[Block]) -> str:
    """The blocks' lines, as wide as need be."""
    return "".join("".join(text for text, _ in row) + "\n" for row in lay_out(blocks))
