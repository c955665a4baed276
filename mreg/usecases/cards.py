"""`mreg card`: a skeleton, and what is wrong with a card or missing in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.cards import CardFaults, PlacedFault, parse, skeleton
from mreg.adapters.files import disk_errors, write_atomic
from mreg.errors import RegistryError

if TYPE_CHECKING:
    from mreg.core.card import Gap
    from mreg.usecases.workspace import Workspace


class CardExists(RegistryError):
    """The model has a card already."""

    def __init__(self, *, path: str) -> None:
        super().__init__(f"{path} exists already")
        self.path = path
        self.hint = f"edit it; mreg card check {path} says what it lacks"


class NoCard(RegistryError):
    """Neither a card file nor a model with a card has that name."""

    def __init__(self, *, path: str) -> None:
        super().__init__(f"there is no card {path}")
        self.path = path
        self.hint = "mreg card new MODEL writes one, and so does mreg register MODEL PATH"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReport:
    """What is wrong with a card, in the order of the file, and what it lacks to be complete."""

    path: str
    faults: tuple[PlacedFault, ...]
    gaps: tuple[Gap, ...]


def new_card(workspace: Workspace, model: str) -> Path:
    """Write a skeleton of a model's card, valid as it stands, with every key explained.

    Raises:
        InvalidName: The model cannot be named so.
        CardExists: It has a card.
    """
    text = skeleton(model)
    path = workspace.git.root / workspace.card_path(model)
    if path.exists():
        raise CardExists(path=workspace.card_path(model))
    with disk_errors("make", path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, text.encode())
    return path


def check_card(workspace: Workspace, model_or_path: str) -> CardReport:
    """Every fault of a card, and what it lacks.

    Args:
        workspace: The repository.
        model_or_path: A model's name, or a card file; a file of that name wins.

    Raises:
        NoCard: There is neither.
    """
    from mreg.core.card import gaps

    path = Path(model_or_path)
    if not path.is_file():
        path = workspace.git.root / workspace.card_path(model_or_path)
    shown = _shown(path, workspace)
    if not path.is_file():
        raise NoCard(path=shown)
    with disk_errors("read", path):
        data = path.read_bytes()
    try:
        card = parse(data, source=shown).card
    except CardFaults as error:
        return CardReport(path=shown, faults=error.faults, gaps=())
    return CardReport(path=shown, faults=(), gaps=gaps(card))


def _shown(path: Path, workspace: Workspace) -> str:
    root = workspace.git.root
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
