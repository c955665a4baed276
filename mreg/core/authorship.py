"""What commits tell about people: authors, trailers, merged pull requests, and by which merges a commit came."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from mreg.core.events import Actor
from mreg.core.records import read_creator

TRAILERS = ("Reviewed-by", "Approved-by", "Acked-by", "Co-authored-by", "Signed-off-by")
"""The trailers that name people, as they are written here; in commits, their case does not matter."""

_BY_KEY = {trailer.casefold(): trailer for trailer in TRAILERS}
_PERSON = re.compile(r"\s*([^<>\n]*?)\s*<([^<>\s]*)>\s*")
_SIGNED = ("gpgsig ", "gpgsig-sha256 ")

# GitHub; GitLab; Bitbucket; Azure DevOps; a squashed commit of GitHub. The first group is the number.
_MERGED = (
    re.compile(r"Merge pull request #(\d+) from "),
    re.compile(r"Merge branch .+(?s:.*)\nSee merge request \S*!(\d+)"),
    re.compile(r"Merged in .+ \(pull request #(\d+)\)"),
    re.compile(r"Merged PR (\d+): "),
)
_SQUASHED = re.compile(r".+ \(#(\d+)\)(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Request:
    """A pull or merge request, as far as a message tells: its number, and its title where that is told too."""

    number: int
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit. Times are seconds since 1970 UTC; `signed` says that it carries a signature, good or not."""

    id: str
    parents: tuple[str, ...]
    author: Actor
    authored: int
    committer: Actor
    committed: int
    message: str
    signed: bool

    @property
    def subject(self) -> str:
        return self.message.lstrip("\n").partition("\n")[0]

    @property
    def request(self) -> Request | None:
        """The request that it merged or, with one parent, was squashed from; None where its message names none."""
        message = self.message.lstrip("\n")
        for pattern in _MERGED:
            if found := pattern.match(message):
                return Request(int(found[1]), _title(message, found.end()))
        found = _SQUASHED.match(message)
        return Request(int(found[1]), self.subject.rpartition(" (#")[0]) if found else None

    @property
    def people(self) -> list[tuple[str, Actor]]:
        """The people whom the trailers in its last paragraph name, each with the trailer."""
        block = self.message.rstrip().rpartition("\n\n")[2] if "\n\n" in self.message.rstrip() else ""
        lines = (line.partition(":") for line in block.split("\n"))
        found = [(_BY_KEY[key.casefold()], parse_person(value)) for key, _, value in lines if key.casefold() in _BY_KEY]
        return list(dict.fromkeys((trailer, person) for trailer, person in found if person.name or person.email))


def _title(message: str, end: int) -> str:
    """What Azure writes after the number, and the others as the first paragraph after the subject."""
    if (rest := message[end:].partition("\n")[0].strip()) and message.startswith("Merged PR"):
        return rest
    title = message.partition("\n\n")[2].lstrip("\n").partition("\n")[0]
    return "" if title.startswith("See merge request ") else title


def parse_person(text: str) -> Actor:
    """Whom `Name <email>` means; where no address is given, the whole text is the name."""
    found = _PERSON.fullmatch(text)
    return Actor(found[1], found[2]) if found else Actor(" ".join(text.split()), "")


def parse_commit(oid: str, text: str) -> Commit:
    """A commit from its object as git stores it; what is missing in a broken one is empty."""
    header, _, message = text.partition("\n\n")
    lines = header.split("\n")
    fields = {key: value for key, _, value in (line.partition(" ") for line in reversed(lines))}
    author, authored = read_creator(fields.get("author", ""))
    committer, committed = read_creator(fields.get("committer", ""))
    return Commit(
        id=oid,
        parents=tuple(line.removeprefix("parent ") for line in lines if line.startswith("parent ")),
        author=author,
        authored=authored,
        committer=committer,
        committed=committed,
        message=message,
        signed=any(line.startswith(_SIGNED) for line in lines),
    )


def merges_of(tip: str, parents: Mapping[str, Sequence[str]], commits: Collection[str]) -> list[str]:
    """The merges by which some commits came to a tip, each once.

    A commit came by a merge on the tip's line of first parents that has it among its ancestors while the merge's first
    parent has not; and to the branch that was merged, in the same way. So a merge of the main branch into a branch is
    none for what was on the main branch already.

    Args:
        tip: The newest commit.
        parents: Commit → parents, of all the commits to look at; those of other commits are not followed.
        commits: The commits that are asked about.
    """
    came_by: dict[str, str] = {}
    lines = [(tip, "")]
    while lines:  # the last first: what an older merge brought, a newer one did not bring
        commit, merge = lines.pop()
        while commit in parents and commit not in came_by:
            came_by[commit] = merge
            first, *others = parents[commit] or ("",)
            lines += [(other, commit) for other in others]
            commit = first
    found: dict[str, None] = {}
    for commit in commits:
        merge = came_by.get(commit, "")
        while merge and merge not in found:
            found[merge] = None
            merge = came_by[merge]
    return list(found)
