"""A version that was drafted: card and pointer are committed, and only the tag is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mreg.adapters.cards import read_data, same_content
from mreg.adapters.dvc.pointers import find_pointer
from mreg.core.events import EventKind
from mreg.errors import RegistryError

if TYPE_CHECKING:
    from mreg.core.fold import ModelState
    from mreg.core.versions import Version
    from mreg.usecases.register.artifact import Artifact
    from mreg.usecases.register.cardfile import CardAfter, CardBefore
    from mreg.usecases.workspace import Workspace


def as_drafted(
    workspace: Workspace,
    state: ModelState,
    before: CardBefore,
    after: CardAfter,
    *,
    version: Version,
    artifact: Artifact,
) -> CardAfter:
    """The card as it is, where HEAD holds a draft of this version and artifact; else the one to write.

    The code that trained the model is then the one that the card names, not the draft or what was merged since.
    """
    if before.text is None or before.code is None or before.version != str(version):
        return after
    if not same_content(before.text.encode(), after.text.encode()):
        return after
    if not _is_committed(workspace, artifact) or before.code == _registered_code(workspace, state):
        return after
    return replace(after, text=before.text)


def _is_committed(workspace: Workspace, artifact: Artifact) -> bool:
    """Whether HEAD has this pointer."""
    with workspace.git.blobs() as blobs:
        contents = blobs.read([f"HEAD:{file}" for file in artifact.files])
    held = {file: content for file, content in zip(artifact.files, contents, strict=True) if content is not None}
    try:
        return find_pointer(artifact.pointer.path, held) == artifact.pointer
    except RegistryError:
        return False


def _registered_code(workspace: Workspace, state: ModelState) -> str | None:
    """The code that the newest registration names: a card that names it too was not drafted since."""
    newest = next((event for event in reversed(state.events) if event.kind is EventKind.REGISTER), None)
    if newest is None:
        return None
    with workspace.git.blobs() as blobs:
        (card,) = blobs.read([f"{newest.commit}:{workspace.card_path(state.model)}"])
    training = (read_data(card) or {}).get("training") if card else None
    code = training.get("code") if isinstance(training, dict) else None
    return code.get("commit") if isinstance(code, dict) else None
