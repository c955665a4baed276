"""`mreg card`: a skeleton, and what is wrong with a card or missing in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mreg.adapters.cards import CardFaults, PlacedFault, parse, skeleton
from mreg.adapters.files import disk_errors, new_folder, write_atomic
from mreg.core.names import check_model_name
from mreg.errors import RegistryError
from mreg.usecases.register.place import check_card_place

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
        NoPlaceForCard: Something else stands where it belongs.
    """
    text = skeleton(model)
    card = workspace.card_path(model)
    check_card_place(workspace.git, card)
    path = workspace.git.root / card
    if path.exists():
        raise CardExists(path=card)
    with new_folder(path.parent):
        write_atomic(path, text.encode())
    return path


def check_card(workspace: Workspace, model_or_path: str) -> CardReport:
    """Every fault of a card, and what it lacks.

    Args:
        workspace: The repository.
        model_or_path: A model's name, or a card file; a file of that name wins.

    Raises:
        NoCard: There is neither.
        InvalidName: It is neither a file nor a model's name.
    """
    from mreg.core.card import gaps

    path, model = Path(model_or_path), None
    if not path.is_file():
        model = check_model_name(model_or_path)
        path = workspace.git.root / workspace.card_path(model)
    shown = _shown(path, workspace)
    if not path.is_file():
        raise NoCard(path=shown)
    with disk_errors("read", path):
        data = path.read_bytes()
    try:
        parsed = parse(data, source=shown)
    except CardFaults as error:
        return CardReport(path=shown, faults=error.faults, gaps=())
    faults = []
    if model is not None and parsed.card.name != model:
        line, column = parsed.document.position(("name",))
        faults.append(PlacedFault(line, column, ("name",), f"name: this is {model}'s card, not {parsed.card.name}'s"))
    return CardReport(path=shown, faults=tuple(faults), gaps=gaps(parsed.card))


def _shown(path: Path, workspace: Workspace) -> str:
    root = workspace.git.root
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
