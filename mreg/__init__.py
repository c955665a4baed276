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
    from mreg.core.lineage.graph import Graph as Graph
    from mreg.core.lineage.impact import Affected as Affected
    from mreg.core.lineage.nodes import CommitNode as CommitNode
    from mreg.core.lineage.nodes import Edge as Edge
    from mreg.core.lineage.nodes import EdgeKind as EdgeKind
    from mreg.core.lineage.nodes import EventNode as EventNode
    from mreg.core.lineage.nodes import ExternalNode as ExternalNode
    from mreg.core.lineage.nodes import FileNode as FileNode
    from mreg.core.lineage.nodes import PersonNode as PersonNode
    from mreg.core.lineage.nodes import StepNode as StepNode
    from mreg.core.lineage.nodes import VersionNode as VersionNode
    from mreg.core.metrics import Score as Score
    from mreg.core.people import Act as Act
    from mreg.core.people import Participant as Participant
    from mreg.core.people import Role as Role
    from mreg.core.pointer import Pointer as Pointer
    from mreg.core.replay import Lost as Lost
    from mreg.core.signatures import Entry as Entry
    from mreg.core.signatures import Signature as Signature
    from mreg.core.signatures import SignatureState as SignatureState
    from mreg.core.unpublished import Differs as Differs
    from mreg.core.versions import Version as Version
    from mreg.registry import Registry as Registry
    from mreg.usecases.cards import CardReport as CardReport
    from mreg.usecases.comparing.results import Comparison as Comparison
    from mreg.usecases.comparing.results import Scores as Scores
    from mreg.usecases.comparing.results import Trend as Trend
    from mreg.usecases.delivery import Delivered as Delivered
    from mreg.usecases.details import Resolution as Resolution
    from mreg.usecases.facts import Annotated as Annotated
    from mreg.usecases.impact import Content as Content
    from mreg.usecases.impact import Impact as Impact
    from mreg.usecases.impact import OtherContent as OtherContent
    from mreg.usecases.lineage import Lineage as Lineage
    from mreg.usecases.listing import ModelList as ModelList
    from mreg.usecases.listing import VersionList as VersionList
    from mreg.usecases.listing import VersionRow as VersionRow
    from mreg.usecases.overview import ModelRow as ModelRow
    from mreg.usecases.proof import Verification as Verification
    from mreg.usecases.register import Registered as Registered
    from mreg.usecases.searching.found import Found as Found
    from mreg.usecases.searching.found import Hit as Hit
    from mreg.usecases.setup import Initialized as Initialized
    from mreg.usecases.sharing.results import ModelStatus as ModelStatus
    from mreg.usecases.sharing.results import Pulled as Pulled
    from mreg.usecases.sharing.results import Pushed as Pushed
    from mreg.usecases.sharing.results import Rewritten as Rewritten
    from mreg.usecases.sharing.results import Sent as Sent
    from mreg.usecases.sharing.results import Status as Status
    from mreg.usecases.sharing.results import Unfetched as Unfetched
    from mreg.usecases.show import Detail as Detail
    from mreg.usecases.watching import WatchRemark as WatchRemark
    from mreg.usecases.watching import WatchRun as WatchRun
    from mreg.usecases.who import People as People
    from mreg.usecases.writing import Written as Written

__version__ = "0.1.0"

_HOMES = {
    "Act": "mreg.core.people",
    "Actor": "mreg.core.events",
    "Affected": "mreg.core.lineage.impact",
    "Annotated": "mreg.usecases.facts",
    "Annotation": "mreg.core.annotations",
    "CardReport": "mreg.usecases.cards",
    "Change": "mreg.core.events",
    "CommitNode": "mreg.core.lineage.nodes",
    "Comparison": "mreg.usecases.comparing.results",
    "Content": "mreg.usecases.impact",
    "Delivered": "mreg.usecases.delivery",
    "Detail": "mreg.usecases.show",
    "Differs": "mreg.core.unpublished",
    "Edge": "mreg.core.lineage.nodes",
    "EdgeKind": "mreg.core.lineage.nodes",
    "Entry": "mreg.core.signatures",
    "Event": "mreg.core.events",
    "EventKind": "mreg.core.events",
    "EventNode": "mreg.core.lineage.nodes",
    "ExternalNode": "mreg.core.lineage.nodes",
    "Fault": "mreg.core.chain",
    "FileNode": "mreg.core.lineage.nodes",
    "Found": "mreg.usecases.searching.found",
    "Gap": "mreg.core.card",
    "Graph": "mreg.core.lineage.graph",
    "Hit": "mreg.usecases.searching.found",
    "Impact": "mreg.usecases.impact",
    "Initialized": "mreg.usecases.setup",
    "Lineage": "mreg.usecases.lineage",
    "Lost": "mreg.core.replay",
    "ModelList": "mreg.usecases.listing",
    "ModelRow": "mreg.usecases.overview",
    "ModelStatus": "mreg.usecases.sharing.results",
    "OtherContent": "mreg.usecases.impact",
    "Participant": "mreg.core.people",
    "People": "mreg.usecases.who",
    "PersonNode": "mreg.core.lineage.nodes",
    "PlacedFault": "mreg.adapters.cards",
    "Pointer": "mreg.core.pointer",
    "Pulled": "mreg.usecases.sharing.results",
    "Pushed": "mreg.usecases.sharing.results",
    "Registered": "mreg.usecases.register",
    "Registry": "mreg.registry",
    "Resolution": "mreg.usecases.details",
    "Rewritten": "mreg.usecases.sharing.results",
    "Role": "mreg.core.people",
    "Score": "mreg.core.metrics",
    "Scores": "mreg.usecases.comparing.results",
    "Sent": "mreg.usecases.sharing.results",
    "Signature": "mreg.core.signatures",
    "SignatureState": "mreg.core.signatures",
    "Status": "mreg.usecases.sharing.results",
    "StepNode": "mreg.core.lineage.nodes",
    "Trend": "mreg.usecases.comparing.results",
    "Unfetched": "mreg.usecases.sharing.results",
    "Verification": "mreg.usecases.proof",
    "Version": "mreg.core.versions",
    "VersionList": "mreg.usecases.listing",
    "VersionNode": "mreg.core.lineage.nodes",
    "VersionRow": "mreg.usecases.listing",
    "VersionState": "mreg.core.fold",
    "WatchRemark": "mreg.usecases.watching",
    "WatchRun": "mreg.usecases.watching",
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
