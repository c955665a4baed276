"""A team: clones of one Git repository that share a DVC remote, and how to drive and to judge them."""

from __future__ import annotations

import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mreg.registry import Registry
from tests.gitrepos import git, new_repository, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.servers import GitServer
    from tests.torture.victims import Nursery, Victim

NAMES = ("ada", "grace", "alan", "edsger", "barbara", "ken", "dennis", "radia", "guido", "linus")
MODELS = ("churn", "fraud")


@dataclass(frozen=True, slots=True)
class Team:
    """Everything of a team lies in one folder, and names the rest by relative paths: it can be copied.

    Attributes:
        folder: With the bare repository `origin.git`, the DVC remote `store`, and a clone for each of `names`.
        names: Of `NAMES`; the address of each is NAME@example.com.
    """

    folder: Path
    names: tuple[str, ...]

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def clones(self) -> list[Path]:
        return [self.folder / name for name in self.names]

    def move_to(self, server: GitServer) -> Path:
        """Share through a server, which gets all that `origin` has; returns the repository that it serves."""
        git(self.origin, "push", "--quiet", "--mirror", str(server.folder))
        self.use(server.url)
        return server.folder

    def use(self, url: str) -> None:
        """Let every clone share through another URL."""
        for clone in self.clones:
            git(clone, "remote", "set-url", "origin", url)

    def add(self, name: str) -> Path:
        """Clone once more, as the first clone's neighbour."""
        clone = self.folder / name
        git(self.folder, "clone", "--quiet", "origin.git", name)
        git(clone, "remote", "set-url", "origin", git(self.clones[0], "remote", "get-url", "origin"))
        git(clone, "config", "user.name", name.title())
        git(clone, "config", "user.email", f"{name}@example.com")
        git(clone, "switch", "--quiet", "--create", name)
        return clone


def build_team(folder: Path, size: int) -> Team:
    """A team with two versions of each of `MODELS` published, of which the second is in production.

    Each has a branch of their own, since who shares a branch has to merge it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--bare", "origin.git")
    for name, value in {"gc.auto": "0", "receive.autogc": "false", "http.receivepack": "true"}.items():
        git(folder / "origin.git", "config", name, value)
    first = new_repository(folder / NAMES[0])
    Registry.init(first)
    registry = Registry(first)
    git(first, "remote", "add", "origin", "../origin.git")
    write(first / ".dvc" / "config", "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../store\n")
    git(first, "add", "--all")
    git(first, "commit", "--quiet", "--message", "Begin")
    for model in MODELS:
        for version in ("1.0.0", "1.1.0"):
            write(first / f"{model}.bin", f"{model} {version}\n" * 100)
            registry.register(model, first / f"{model}.bin", version=version)
        registry.promote(f"{model}@1.1.0", "production")
    registry.annotate("churn@1.0.0", {"seen": True})
    registry.push()
    team = Team(folder, NAMES[:size])
    git(first, "config", "user.name", "Ada")
    git(first, "switch", "--quiet", "--create", "ada")
    for name in team.names[1:]:
        Registry(team.add(name)).pull()
    return team


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """What a command reported.

    Attributes:
        document: What it printed with `--json`: its answer, or its error.
        errors: What it printed on stderr.
    """

    argv: tuple[str, ...]
    code: int
    document: dict[str, Any]
    errors: str

    @property
    def data(self) -> Any:
        return self.document["data"]

    @property
    def error(self) -> str:
        """The kind of its error; empty where it had none."""
        return str(self.data["type"]) if self.document.get("kind") == "error" else ""

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that it reported as published."""
        found = [self.data.get(key) for key in ("event", "promoted")] if not self.error else []
        return [event for event in found if event]


@dataclass(frozen=True, slots=True)
class Member:
    """One clone, and the process that runs its commands."""

    clone: Path
    nursery: Nursery

    def mreg(self, *argv: str, env: Mapping[str, str] | None = None) -> Did:
        """Run a command with `--json` to its end."""
        return self.result(self.start(*argv, env=env), argv)

    def start(self, *argv: str, env: Mapping[str, str] | None = None, die_at: int = 0, group: bool = False) -> Victim:
        """Start a command with `--json`."""
        return self.nursery.start(self.clone, *argv, "--json", env=env, die_at=die_at, group=group)

    def result(self, victim: Victim, argv: tuple[str, ...] = ()) -> Did:
        """What a command reported, once it has ended."""
        code = victim.wait()
        out, errors = self.nursery.streams
        text = out if out.strip() else errors
        assert text.lstrip().startswith("{"), f"{argv}: {code}: {errors}"
        return Did(argv=argv, code=code, document=json.loads(text), errors=errors)

    def done(self, *argv: str) -> Did:
        """Run a command that succeeds."""
        did = self.mreg(*argv)
        assert did.code == 0, (argv, did.document, did.errors)
        return did

    def history(self, model: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.done("history", model).data
        return events


def check_chain(root: Path, model: str, *, head: bool = True) -> list[str]:
    """Assert that a model's events follow one another without a gap, and return their tags, oldest first."""
    form = "--format=%(refname:lstrip=2)%00%(objectname)%00%(contents)%00"
    fields = git(root, "for-each-ref", form, f"refs/tags/{model}@*").split("\0")
    events = {}
    for tag, oid, message in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        trailers = dict(re.findall(r"^(Sequence|Parent): (\w+)$", message, re.MULTILINE))
        assert int(trailers["Sequence"]) not in events, tag
        events[int(trailers["Sequence"])] = tag.strip(), oid, trailers.get("Parent")
    chain = [events[sequence] for sequence in range(1, len(events) + 1)]
    assert [parent for _, _, parent in chain] == [None, *(oid for _, oid, _ in chain[:-1])]
    assert not head or git(root, "rev-parse", f"refs/mreg/{model}@head") == chain[-1][1]
    return [tag for tag, _, _ in chain]


def see_commands(member: Member) -> None:
    """Run each command that shares once, so that the process which runs them has imported all that they need."""
    file = write(member.clone / "first.bin", "first")
    for command in (
        f"register churn {file} --push",
        "promote churn@1.0.0 staging --push",
        "annotate churn@1.0.0 warm=1 --push",
        "pull --artifacts",
        "status",
        "history churn",
        "verify --remote",
    ):
        member.done(*command.split())


def written_because(root: Path, model: str, reason: str) -> int:
    """How many of a model's events have this reason."""
    bodies = git(root, "for-each-ref", "--format=%(contents:body)", f"refs/tags/{model}@*")
    return bodies.splitlines().count(reason)


def facts_on(root: Path, version: str) -> Counter[str]:
    """The keys noted on a version, each as often as it is."""
    note = git(root, "notes", "--ref=mreg", "show", f"refs/tags/{version}")
    return Counter(json.loads(line)["key"] for line in note.splitlines() if line)


def shared_refs(root: Path) -> dict[str, str]:
    """A repository's tags, and the notes by what they are on."""
    refs = dict(line.split(" ") for line in git(root, "for-each-ref", "--format=%(refname) %(objectname)").splitlines())
    notes = git(root, "ls-tree", "-r", "--format=%(path) %(objectname)", "refs/notes/mreg").splitlines()
    notes_by_target = {path.replace("/", ""): blob for path, blob in (line.split(" ") for line in notes)}
    return {name: oid for name, oid in refs.items() if name.startswith("refs/tags/")} | notes_by_target


def check_agreement(members: Sequence[Member], origin: Path, models: Iterable[str] = MODELS) -> None:
    """Pull everywhere, and assert that all clones and the server have the same, with nothing wrong in any."""
    for model in models:
        check_chain(origin, model)
    expected = shared_refs(origin)

    def look(member: Member) -> list[dict[str, Any]]:
        member.done("pull")
        assert shared_refs(member.clone) == expected, member.clone.name
        verified = member.mreg("verify", "--remote")
        assert verified.code == 0, (member.clone.name, verified.document)
        return member.history(MODELS[0])

    with ThreadPoolExecutor(len(members)) as pool:
        first, *others = pool.map(look, members)
    assert all(story == first for story in others)
