"""Where a registration's artifact and card belong, and which places cannot be theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.config import FILE
from mreg.adapters.dvc.pointers import SUFFIX, is_pointer_file
from mreg.adapters.hashing import BadArtifact
from mreg.errors import RegistryError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from mreg.adapters.git import Git

CARD = "card.yaml"
_SETTINGS = frozenset({FILE, ".gitignore", ".gitattributes", ".gitmodules", ".dvcignore"})


class NotAPath(UsageError):
    """The path means something else to git, DVC or mreg than a file or folder of a model or of data."""

    def __init__(self, *, path: Path, problem: str, hint: str = "") -> None:
        super().__init__(f"{path} {problem}")
        self.path, self.problem = str(path), problem
        self.hint = hint or "give the file or the folder of the model itself"


class NoPlaceForCard(RegistryError):
    """Something stands where the model's card or its folder belongs."""

    def __init__(self, *, card: str, problem: str) -> None:
        super().__init__(f"the card cannot be at {card}: {problem}")
        self.card, self.problem = card, problem
        self.hint = "move that away, or give the model another name"


class InTheWay(RegistryError):
    """An artifact from outside would replace a file that nothing else has."""

    def __init__(self, *, path: Path, place: str, model: str) -> None:
        super().__init__(f"{path} would replace {place}, which DVC does not have as it is now")
        self.path, self.place = str(path), place
        self.hint = f"move {place} away, or register it: mreg register {model} {place}"


def located(path: Path) -> Path:
    """An absolute path without `..` and without symbolic links above its last name.

    Raises:
        BadArtifact: Links above it lead in a circle.
    """
    try:
        return path.resolve() if path.name in ("", "..") else path.parent.resolve() / path.name
    except RuntimeError as error:  # pathlib's word for a circle
        problem = "is reached by a symbolic link that leads back to itself"
        raise BadArtifact(path=path, problem=problem, hint="check the path") from error


def destination(git: Git, path: Path, card: str) -> str:
    """Where the artifact will be, relative to the root: where it is, or in the model's folder if it is outside.

    Args:
        git: The repository.
        path: What the person named.
        card: The model's card, relative to the root.

    Raises:
        NotAPath: It cannot be an artifact.
        BadArtifact: Links above it lead in a circle.
    """
    root, place, folder = git.root.resolve(), located(path), card.rpartition("/")[0]
    check_not_repository(git, path)
    _check_purpose(path, place.name)
    if place.is_relative_to(root):
        _check_inside(git, path, place.relative_to(root))
        relative = place.relative_to(root).as_posix()
    else:
        relative = f"{folder}/{place.name}"
    if card == relative or card.startswith(f"{relative}/"):
        hint = f"put the artifact into a folder of its own, such as {folder}/model"
        raise NotAPath(path=path, problem=f"and the model's card, {card}, cannot share a place", hint=hint)
    return relative


def check_not_repository(git: Git, path: Path) -> None:
    """Refuse the repository itself, and the folders above it.

    Raises:
        NotAPath: It is one of them.
    """
    root, place = git.root.resolve(), located(path)
    if root.is_relative_to(place):
        what = "is the repository itself" if place == root else "is a folder above the repository"
        raise NotAPath(path=path, problem=what)


def _check_purpose(path: Path, name: str) -> None:
    if is_pointer_file(name):
        hint = f"name what it points at: {path.with_suffix('')}" if name.endswith(SUFFIX) else ""
        raise NotAPath(path=path, problem="is one of DVC's own files", hint=hint)
    if name in _SETTINGS:
        raise NotAPath(path=path, problem="holds settings, not a model")
    if name == CARD:
        raise NotAPath(path=path, problem="is a card, not a model")


def _check_inside(git: Git, path: Path, relative: Path) -> None:
    for folder, owner in ((".git", "git"), (".dvc", "DVC")):
        if folder in relative.parts:
            raise NotAPath(path=path, problem=f"is a part of {folder}, which belongs to {owner}")
    for above in list(relative.parents)[:-1]:
        if (git.root / above / ".git").exists():
            hint = f"register it there: mreg -C {above} register …"
            raise NotAPath(path=path, problem=f"is in another git repository, {above}", hint=hint)
    if (git.root / relative / ".git").is_file():
        raise NotAPath(path=path, problem="is another git repository: a submodule, or a linked work tree")


def check_card_place(git: Git, card: str) -> None:
    """Refuse a card that git would not see, or that would be written to another place than its own.

    Args:
        git: The repository.
        card: The card's path, relative to the root.

    Raises:
        NoPlaceForCard: A file, an artifact or a symbolic link is in its way.
    """
    parts = card.split("/")
    for folder in ("/".join(parts[:count]) for count in range(1, len(parts))):
        path = git.root / folder
        if path.is_symlink():
            raise NoPlaceForCard(card=card, problem=f"{folder} is a symbolic link, behind which git does not look")
        if path.exists() and not path.is_dir():
            raise NoPlaceForCard(card=card, problem=f"{folder} is a file")
        if path.with_name(f"{path.name}{SUFFIX}").is_file():
            raise NoPlaceForCard(card=card, problem=f"{folder} is an artifact, which DVC tracks as a whole")
    if (git.root / card).is_symlink():
        raise NoPlaceForCard(card=card, problem="a symbolic link has its name")
    if (git.root / card).is_dir():
        raise NoPlaceForCard(card=card, problem="a folder has its name")
