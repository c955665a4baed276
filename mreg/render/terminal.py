"""Blocks in colours: for a person at a terminal, and for the pictures in the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from mreg.render.layout import lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from mreg.render.blocks import Block, Style

_STYLES: dict[Style, str] = {
    "": "",
    "name": "bold",
    "version": "cyan",
    "good": "green",
    "warn": "yellow",
    "bad": "red",
    "faint": "dim",
    "title": "bold",
}


def print_blocks(console: Console, blocks: Sequence[Block]) -> None:
    """Print the blocks as wide as the console is. No text is read as Rich's markup."""
    for row in lay_out(blocks, console.width):
        console.print(Text.assemble(*((text, _STYLES[style]) for text, style in row)), soft_wrap=True)
