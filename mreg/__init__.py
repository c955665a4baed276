"""A Git-native model registry: `from mreg import Registry`.

Everything else here is a type of what `Registry` returns. All is imported when it is first asked for, so that
`import mreg` costs nothing; errors are in `mreg.errors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mreg.adapters.cards import PlacedFault as PlacedFault
    from mreg.core.annotations import Annotation as Annotation
    from mreg.core.card import Gap as Gap
    from mreg.core.chain import Fault as Fault
    from mreg.core.events import Actor as Actor
    from mreg.core.events import Change as Change
    from mreg.core.events import Event as Event
    from mreg.core.events import EventKind as EventKind
    from mreg.core.fold import VersionState as VersionState
    from mreg.core.metrics import Score as Score
    from mreg.core.pointer import Pointer as Pointer
    from mreg.core.signatures import Entry as Entry
    from mreg.core.signatures import Signature as Signature
    from mreg.core.signatures import SignatureState as SignatureState
    from mreg.core.versions import Version as Version
    from mreg.registry import Registry as Registry
    from mreg.usecases.cards import CardReport as CardReport
    from mreg.usecases.delivery import Delivered as Delivered
    from mreg.usecases.details import Detail as Detail
    from mreg.usecases.details import Resolution as Resolution
    from mreg.usecases.facts import Annotated as Annotated
    from mreg.usecases.listing import ModelList as ModelList
    from mreg.usecases.listing import VersionList as VersionList
    from mreg.usecases.listing import VersionRow as VersionRow
    from mreg.usecases.overview import ModelRow as ModelRow
    from mreg.usecases.proof import Verification as Verification
    from mreg.usecases.register import Registered as Registered
    from mreg.usecases.setup import Initialized as Initialized
    from mreg.usecases.writing import Written as Written

__version__ = "0.1.0"

_HOMES = {
    "Actor": "mreg.core.events",
    "Annotated": "mreg.usecases.facts",
    "Annotation": "mreg.core.annotations",
    "CardReport": "mreg.usecases.cards",
    "Change": "mreg.core.events",
    "Delivered": "mreg.usecases.delivery",
    "Detail": "mreg.usecases.details",
    "Entry": "mreg.core.signatures",
    "Event": "mreg.core.events",
    "EventKind": "mreg.core.events",
    "Fault": "mreg.core.chain",
    "Gap": "mreg.core.card",
    "Initialized": "mreg.usecases.setup",
    "ModelList": "mreg.usecases.listing",
    "ModelRow": "mreg.usecases.overview",
    "PlacedFault": "mreg.adapters.cards",
    "Pointer": "mreg.core.pointer",
    "Registered": "mreg.usecases.register",
    "Registry": "mreg.registry",
    "Resolution": "mreg.usecases.details",
    "Score": "mreg.core.metrics",
    "Signature": "mreg.core.signatures",
    "SignatureState": "mreg.core.signatures",
    "Verification": "mreg.usecases.proof",
    "Version": "mreg.core.versions",
    "VersionList": "mreg.usecases.listing",
    "VersionRow": "mreg.usecases.listing",
    "VersionState": "mreg.core.fold",
    "Written": "mreg.usecases.writing",
}
__all__ = [*_HOMES, "__version__"]  # noqa: PLE0604 - names, all of them


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
