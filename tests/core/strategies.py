"""What the core is tried on: names, versions, reasons and changes by Hypothesis, and histories written step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from mreg.core.events import ARCHIVED, Actor, Change, Event, EventKind
from mreg.core.fold import ModelState, fold, rollback_target
from mreg.core.messages import InvalidReason, check_reason
from mreg.core.names import RESERVED_LABELS, UNALIAS_PREFIX
from mreg.core.tags import TagName, format_tag
from mreg.core.versions import Version, parse_version

STAGES = ("staging", "production", "canary", "none")
EXCLUSIVE = frozenset({"production"})
START, STEP = 1_700_000_000, 60

# Names and versions

_segments = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,6}[A-Za-z0-9_-])?", fullmatch=True).filter(
    lambda text: ".." not in text and not text.endswith(".lock")
)
model_names = st.lists(_segments, min_size=1, max_size=3).map("/".join)
labels = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True).filter(
    lambda text: text not in RESERVED_LABELS and not text.startswith(UNALIAS_PREFIX)
)
_numbers = st.integers(0, 3) | st.integers(0, 10**6)
_identifiers = _numbers.map(str) | st.from_regex(r"[0-9]{0,2}[A-Za-z][0-9A-Za-z]{0,4}", fullmatch=True)
_prereleases = st.lists(_identifiers, min_size=1, max_size=3).map(".".join)
versions = st.builds(
    lambda release, prerelease: parse_version(".".join(map(str, release)) + (f"-{prerelease}" if prerelease else "")),
    st.tuples(_numbers, _numbers, _numbers),
    st.none() | _prereleases,
)

# Messages

_LOOKALIKES = (
    "Event: promote\nModel: other\nVersion: 9.9.9\nStage: production\nSequence: 99",
    "Event: yank\nModel: churn\nVersion: 1.0.0",
    "Event: promote",
    "Sequence: 1",
    "Signed-off-by: A <a@example.com>",
    "---",
    "# not a comment",
    "\u2028Event: yank\u2028Model: churn",
    "",
)


def _accepted(text: str) -> bool:
    try:
        check_reason(text)
    except InvalidReason:
        return False
    return True


_lines = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20) | st.sampled_from(_LOOKALIKES)
reasons = st.lists(_lines, max_size=5).map("\n".join).map(lambda text: text.replace("\n\n\n", "\n\n")).filter(_accepted)
oids = st.text("0123456789abcdef", min_size=40, max_size=40)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A change of any kind, with what its kind carries and a reason as it is stored."""
    kind = draw(st.sampled_from(EventKind))
    staged = kind in (EventKind.PROMOTE, EventKind.ROLLBACK)
    return Change(
        kind=kind,
        model=draw(model_names),
        version=draw(versions),
        stage=ARCHIVED if kind is EventKind.ARCHIVE else draw(labels | st.just("none")) if staged else None,
        alias=draw(labels) if kind in (EventKind.ALIAS, EventKind.UNALIAS) else None,
        origin=draw(labels | st.just("none")) if staged or kind is EventKind.ARCHIVE else None,
        supersedes=tuple(draw(st.lists(versions, max_size=3))) if staged else (),
        forced=draw(st.booleans()) if staged else False,
        sequence=draw(st.none() | st.integers(1, 10**12 - 1)),
        parent=draw(st.none() | oids),
        digest=draw(st.text("0123456789abcdef", min_size=64, max_size=64)) if kind is EventKind.REGISTER else None,
        reason=check_reason(draw(reasons)),
    )


# Events and histories


def event(change: Change, *, oid: str = "0" * 40, time: int = START) -> Event:
    """The event of a change, tagged as its first of that label."""
    tag = format_tag(TagName(change.model, change.version, change.label))
    return Event(change=change, tag=tag, oid=oid, commit="c" * 40, actor=Actor("A", "a@example.com"), time=time)


@dataclass
class Author:
    """Writes one model's events as mreg does: each with the Sequence, Parent, From and Supersedes that the state asks
    for, a minute after the one before. What mreg would refuse, or has nothing to do for, writes nothing."""

    model: str = "churn"
    events: list[Event] = field(default_factory=list)

    @property
    def state(self) -> ModelState:
        return fold(self.model, self.events)

    def stages(self) -> dict[str, str]:
        return {str(version): known.stage for version, known in self.state.versions.items()}

    def holder(self, stage: str = "production") -> str | None:
        held = self.state.holder(stage)
        return None if held is None else str(held)

    def register(self, version: str) -> None:
        if parse_version(version) not in self.state.versions:
            self._write(EventKind.REGISTER, version)

    def promote(self, version: str, stage: str = "production") -> None:
        known = self.state.versions.get(parse_version(version))
        if known and not known.yanked and known.stage != stage:
            held = self.state.holders.get(stage, ()) if stage in EXCLUSIVE else ()
            self._write(EventKind.PROMOTE, version, stage=stage, origin=known.stage, supersedes=held)

    def rollback(self, stage: str = "production", to: str | None = None) -> None:
        state = self.state
        target = parse_version(to) if to else rollback_target(state, stage)
        current = state.holder(stage)
        if target is not None and target != current and target in state.versions and not state.versions[target].yanked:
            superseded = () if current is None else (current,)
            origin = state.versions[target].stage
            self._write(EventKind.ROLLBACK, str(target), stage=stage, origin=origin, supersedes=superseded)

    def archive(self, version: str) -> None:
        known = self.state.versions.get(parse_version(version))
        if known and not known.yanked and known.stage != ARCHIVED:
            self._write(EventKind.ARCHIVE, version, stage=ARCHIVED, origin=known.stage)

    def yank(self, version: str) -> None:
        known = self.state.versions.get(parse_version(version))
        if known and not known.yanked:
            self._write(EventKind.YANK, version, origin=known.stage)

    def alias(self, version: str, name: str) -> None:
        if parse_version(version) in self.state.versions:
            self._write(EventKind.ALIAS, version, alias=name)

    def unalias(self, name: str) -> None:
        if name in (aliases := self.state.aliases):
            self._write(EventKind.UNALIAS, str(aliases[name]), alias=name)

    def _write(
        self,
        kind: EventKind,
        version: str,
        *,
        stage: str | None = None,
        alias: str | None = None,
        origin: str | None = None,
        supersedes: tuple[Version, ...] = (),
    ) -> None:
        number = len(self.events) + 1
        change = Change(
            kind=kind,
            model=self.model,
            version=parse_version(version),
            stage=stage,
            alias=alias,
            origin=origin,
            supersedes=supersedes,
            sequence=number,
            parent=self.events[-1].oid if self.events else None,
        )
        self.events.append(event(change, oid=f"{number:040x}", time=START + STEP * number))


Step = Callable[[Author], None]

_few_versions = st.sampled_from(("1.0.0", "1.1.0", "2.0.0-rc.1", "2.0.0"))
_few_stages = st.sampled_from(STAGES)
_few_aliases = st.sampled_from(("champion", "challenger"))


def _step(verb: Callable[..., None], *arguments: st.SearchStrategy[str]) -> st.SearchStrategy[Step]:
    return st.tuples(*arguments).map(lambda given: lambda author: verb(author, *given))


_promotions = _step(Author.promote, _few_versions, _few_stages)
steps: st.SearchStrategy[Step] = st.one_of(
    _step(Author.register, _few_versions),
    _promotions,
    _promotions,
    _step(Author.rollback, _few_stages),
    _step(Author.rollback, _few_stages, _few_versions),
    _step(Author.archive, _few_versions),
    _step(Author.yank, _few_versions),
    _step(Author.alias, _few_versions, _few_aliases),
    _step(Author.unalias, _few_aliases),
)


def written(todo: Iterable[Step]) -> Author:
    """An author who registered some versions and then took those steps."""
    author = Author()
    for version in ("1.0.0", "1.1.0"):
        author.register(version)
    for step in todo:
        step(author)
    return author


authors = st.lists(steps, max_size=15).map(written)
