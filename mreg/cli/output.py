"""Where results go: data to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeVar

import typer

from mreg.errors import RegistryError, SystemFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mreg.render.blocks import Block
    from mreg.render.face import Face
    from mreg.usecases.sharing.results import Pushed

T = TypeVar("T")


def emit(result: T, face: Face[T], *, json: bool) -> None:
    """Print a result to stdout: as JSON, as plain text for a pipe, or with colours for a person."""
    with _reader_may_leave():
        if json:
            sys.stdout.write(face.to_json(result, ascii_only=not is_unicode(sys.stdout)))
        else:
            _print(face.blocks(result))
        sys.stdout.flush()
    if not json:
        note(f"note: {notice}" for notice in face.notices(result))


def emit_published(result: T, face: Face[T], pushed: Pushed | None, *, json: bool) -> None:
    """The same for what was published, or was to be: the exit code is 1 where some of it did not hold."""
    emit(result, face, json=json)
    if pushed is not None and pushed.refused:
        raise typer.Exit(RegistryError.exit_code)


def write_out(text: str, *, notices: Iterable[str] = ()) -> None:
    """Print a text in a format of its own, such as Markdown, to stdout as it is, and remarks to stderr."""
    with _reader_may_leave():
        sys.stdout.write(text)
        sys.stdout.flush()
    note(f"note: {notice}" for notice in notices)


def _print(blocks: list[Block]) -> None:
    if not sys.stdout.isatty():
        from mreg.render.plain import to_plain

        sys.stdout.write(to_plain(blocks))
        return
    from rich.console import Console

    from mreg.render.terminal import print_blocks

    print_blocks(Console(highlight=False), blocks)


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """Stop in silence where whoever reads our output has had enough, as in `mreg ls | head`."""
    try:
        yield
    except OSError as error:
        # Python would try once more at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            hint = "what was asked for is done; make room, or send the output elsewhere"
            raise SystemFailure(f"cannot write the output: {error.strerror}", hint=hint) from error


def is_unicode(stream: TextIO) -> bool:
    """Whether every text can be written to a stream as it is; JSON has its own escapes for the rest."""
    return (stream.encoding or "utf-8").lower().replace("-", "").startswith("utf")


def note(texts: Iterable[str]) -> None:
    """Print remarks for a person to stderr."""
    from mreg.render.blocks import safe_rows

    for text in texts:
        sys.stderr.write("\n".join(safe_rows(text)) + "\n")
