"""What somebody does who rewrites history, and what a failing disk does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.projects import Project


def object_of(registry: Project, ref: str) -> Path:
    """An artifact's object in DVC's cache."""
    digest: str = registry.data("resolve", ref)["artifact"]["hash"]
    return registry.root / ".dvc/cache/files/md5" / digest[:2] / digest[2:]


def change(path: Path) -> None:
    """Change an object as a failing disk does: same size, same mode."""
    mode, content = path.stat().st_mode, path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    path.chmod(mode)


def retag(registry: Project, tag: str, old: str, new: str) -> None:
    """Write a tag's object anew with a text replaced, as somebody who rewrites history would."""
    text = registry.git("cat-file", "tag", tag)
    assert old in text
    forged = registry.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=text.replace(old, new) + "\n")
    registry.git("update-ref", f"refs/tags/{tag}", forged)


def recommit(registry: Project, tag: str, path: str, content: str | None) -> str:
    """Move a version's tag to a commit like its own but for one file. Returns the commit."""
    commit = registry.git("rev-parse", f"{tag}^{{commit}}")
    registry.git("checkout", "--quiet", "--detach", commit)
    if content is None:
        registry.git("rm", "--quiet", "--cached", path)
        (registry.root / path).unlink()
    else:
        registry.write(path, content)
        registry.git("add", path)
    registry.git("commit", "--quiet", "--message", "Tampered")
    forged = registry.git("rev-parse", "HEAD")
    retag(registry, tag, f"object {commit}", f"object {forged}")
    registry.git("checkout", "--quiet", "--force", "main")
    return forged
