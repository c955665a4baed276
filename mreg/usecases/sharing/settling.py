"""Bringing this clone in line with a remote, so that what it has to publish follows what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.adapters.git.transaction import exclusive
from mreg.usecases.sharing.notes import same_registrations, shared_notes
from mreg.usecases.sharing.own import read_own
from mreg.usecases.sharing.reconcile import reconcile
from mreg.usecases.writing import until_won

if TYPE_CHECKING:
    from mreg.usecases.sharing.counterpart import Survey
    from mreg.usecases.sharing.reconcile import Reconciled
    from mreg.usecases.workspace import Workspace


def settle(workspace: Workspace, remote: str, found: Survey) -> list[Reconciled]:
    """Take over what a survey found, in one transaction: their tags, our events that follow them, heads and notes.

    Raises:
        Contended: Somebody else changed this clone's refs at every attempt.
        GitFailed: Git could not write; nothing was changed.
    """
    git = workspace.git

    def attempt() -> list[Reconciled]:
        with exclusive(git) as transaction:
            here = read_own(git, remote, found.models)
            models = [reconcile(workspace, remote, here[model], there) for model, there in found.models.items()]
            noted = [pair for model in models for pair in (*model.rewritten, *same_registrations(model.standing))]
            updates = [update for model in models for update in model.updates]
            updates += shared_notes(git, remote, found.notes, noted)
            if updates:
                transaction.commit(updates, reflog=f"mreg: follow {remote}")
            return models

    return until_won(", ".join(found.models) or "the registry", attempt)
