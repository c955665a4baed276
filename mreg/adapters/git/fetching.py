"""What `git fetch` is configured to bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mreg.adapters.git.repository import Git

_TAG_OPTION = "tagopt"  # git prints the names of variables in lower case
_EVERY_TAG = {("fetch", "refs/tags/*:refs/tags/*"), ("fetch", "refs/*:refs/*"), (_TAG_OPTION, "--tags")}


def fetches_all_tags(git: Git) -> bool:
    """Whether a fetch from some remote brings every tag, whatever it points at, and there was one.

    Cloning alone does not: git obeys these settings from the first fetch on.
    """
    fetched = any((folder / "FETCH_HEAD").exists() for folder in (git.git_dir, git.common_dir))
    return fetched and not _EVERY_TAG.isdisjoint(_settings(git))


def _settings(git: Git) -> list[tuple[str, str]]:
    done = git.run("config", "-z", "--get-regexp", rf"^remote\..*\.(fetch|{_TAG_OPTION})$", allowed=(0, 1))
    pairs = (entry.partition("\n") for entry in done.stdout.decode("utf-8", "replace").split("\0"))
    return [(key.rpartition(".")[2], value.removeprefix("+")) for key, _, value in pairs]
