"""How the parts of a lineage are called, in the tree and in diagrams alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mreg.core.lineage import ExternalNode, FileNode, StepNode
from mreg.render.words import counted, scalar, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mreg.core.lineage import Node
    from mreg.core.provenance import Parameters

DIGITS = 10
_LONG = 72
_ID = re.compile(r"[0-9a-f]{32,64}")


def short_hash(content: str | None) -> str:
    """`md5 1b2c3d4e5f`; empty where nobody recorded one."""
    name, _, value = (content or "").partition(":")
    return f"{name} {value[:DIGITS]}" if value else name[:DIGITS]


def short_revision(revision: str) -> str:
    """A commit's id or a hash abbreviated; anything else as it is."""
    return revision[:DIGITS] if _ID.fullmatch(revision) else revision


def amount(file: FileNode) -> str:
    """How large a file is, and how many files a folder holds."""
    bytes_ = "" if file.size is None else size(file.size)
    files = "" if file.nfiles is None else counted(file.nfiles, "file", "files")
    return ", ".join(filter(None, (files, bytes_)))


def one_line(text: str) -> str:
    """A command on one line of bearable length; JSON has it whole."""
    first, *more = text.strip().split("\n")
    short = first if len(first) <= _LONG else f"{first[:_LONG]}…"
    return f"{short} … (+{counted(len(more), 'command', 'commands')})" if more else short


def parameters(params: Parameters) -> Iterator[str]:
    """A line for each file: `params.yaml: depth=3, seed=0`."""
    for file, values in params.items():
        yield f"{file}: " + ", ".join(f"{key}={scalar(value)}" for key, value in values.items())


def title(node: Node) -> str:
    """What a node is called in one line."""
    match node:
        case StepNode():
            return f"{node.label}: {one_line(node.command)}"
        case ExternalNode():
            place = f"{node.uri} {node.path}" if node.path else node.uri
            pinned = f"{place}@{short_revision(node.revision)}" if node.revision else place
            return f"{pinned} ({node.rev})" if node.rev else pinned
        case _:
            return node.label
