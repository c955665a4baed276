"""The only caller of git: bulk plumbing through GitPython's process runner, never its object iteration."""

from mreg.adapters.git.blobs import BlobReader
from mreg.adapters.git.commits import HookRefused
from mreg.adapters.git.process import GitFailed
from mreg.adapters.git.repository import Git, NotARepository
from mreg.adapters.git.transaction import RefRace, RefUpdate

__all__ = ["BlobReader", "Git", "GitFailed", "HookRefused", "NotARepository", "RefRace", "RefUpdate"]
