"""Aliases: names such as `champion` that a model's people give to one version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mreg.core.events import Change, EventKind
from mreg.core.names import check_label
from mreg.core.policy import check_usable
from mreg.errors import RegistryError, UsageError
from mreg.usecases.writing import Written, write, write_about

if TYPE_CHECKING:
    from mreg.core.fold import ModelState, VersionState
    from mreg.core.versions import Version
    from mreg.usecases.workspace import Workspace


class UnknownAlias(RegistryError):
    """The model has no such alias."""

    def __init__(self, *, model: str, alias: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{model} has no alias {alias}")
        self.model, self.alias, self.known = model, alias, known
        self.hint = f"its aliases are {', '.join(known)}" if known else f"`mreg ls {model}` shows its versions"


class AliasIsStage(UsageError):
    """An alias cannot have a stage's name: one reference would have two readings."""

    hint = "choose another word, such as champion"

    def __init__(self, *, alias: str) -> None:
        super().__init__(f"{alias} is a stage here, so it cannot be an alias")
        self.alias = alias


class AliasIsPrerelease(RegistryError):
    """A version's pre-release begins with the alias, so that a tag's name would have two readings."""

    hint = "choose another word, such as champion"

    def __init__(self, *, alias: str, version: Version) -> None:
        super().__init__(f"{alias} begins the pre-release of v{version}, so it cannot be an alias")
        self.alias, self.version = alias, version


def alias(workspace: Workspace, text: str, name: str, *, reason: str = "") -> Written:
    """Give a version a name, which it takes from the version that had it.

    Raises:
        InvalidName, AliasIsStage: The name cannot be an alias.
        AliasIsPrerelease: A version's pre-release begins with it.
        YankedVersion: The version is yanked.
    """
    check_label(name, kind="an alias")
    if name in workspace.policy.stages:
        raise AliasIsStage(alias=name)

    def decide(state: ModelState, version: VersionState) -> Change | None:
        check_usable(version)
        for known in state.versions:
            if (known.prerelease or "").split(".")[0] == name:
                raise AliasIsPrerelease(alias=name, version=known)
        if state.aliases.get(name) == version.version:
            return None
        return Change(
            kind=EventKind.ALIAS,
            model=state.model,
            version=version.version,
            alias=name,
            reason=reason,
        )

    return write_about(workspace, text, None, decide)


def unalias(workspace: Workspace, model: str, name: str, *, reason: str = "") -> Written:
    """Take an alias away.

    Raises:
        UnknownAlias: The model has no such alias.
        UnknownModel: There is no such model.
    """
    state = workspace.known(model)

    def decide(state: ModelState) -> Change | None:
        if name not in state.aliases:
            raise UnknownAlias(model=model, alias=name, known=tuple(sorted(state.aliases)))
        return Change(kind=EventKind.UNALIAS, model=model, version=state.aliases[name], alias=name, reason=reason)

    event = write(workspace, model, decide)
    assert event is not None
    return Written(
        model=model,
        version=event.version,
        stage=state.versions[event.version].stage,
        event=event,
        caveats=workspace.caveats(model),
    )
