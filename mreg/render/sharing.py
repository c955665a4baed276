"""What was published, what came, and how two sides compare."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mreg.render.blocks import Block, Cell, Line, line
from mreg.render.errors import error_json
from mreg.render.events import event_data, movement
from mreg.render.face import Face
from mreg.render.losses import aside_notice, changed_notice, differing_lines, differs_data, lost_data, lost_lines
from mreg.render.words import counted, minute, size
from mreg.usecases.sharing.errors import loss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mreg.core.events import Event
    from mreg.usecases.sharing.results import ModelStatus, Pulled, Pushed, Rewritten, Status, Unfetched


def _event_line(event: Event, word: Cell) -> Line:
    what = movement(event)
    words = f" {event.kind.value}" + (f": {what}" if what else "")
    return line(word, Cell(event.model, "name"), f" v{event.version}{words}")


def _followed(rewritten: Sequence[Rewritten], remote: str) -> list[str]:
    if not rewritten:
        return []
    own = counted(len(rewritten), "event of yours follows", "events of yours follow")
    return [f"{own} what others published on {remote} meanwhile"]


def _pushed_blocks(result: Pushed) -> list[Block]:
    word = Cell("would publish " if result.dry_run else "published ", "" if result.dry_run else "good")
    blocks: list[Block] = [_event_line(event, word) for event in result.events]
    if result.annotations:
        blocks.append(line(word, "annotations"))
    if result.branch:
        blocks.append(line(word, f"the branch {result.branch}"))
    if not blocks and not result.lost and not result.differing:
        blocks.append(line(f"{result.remote} has everything already: nothing to publish"))
    lost = lost_lines(result.lost, dry_run=result.dry_run)
    return [*blocks, *lost, *differing_lines(result.differing, result.remote)]


def _pushed_notices(result: Pushed) -> list[str]:
    sent = result.artifacts
    artifacts = []
    if sent.bytes:
        go = "would go" if result.dry_run else "went"
        of = counted(sent.versions, "version", "versions")
        artifacts = [f"the artifacts of {of} {go} first: {size(sent.bytes)}"]
    aside = [] if result.dry_run else aside_notice(result.lost)
    changed = changed_notice(result.differing, result.remote)
    return [*artifacts, *_followed(result.rewritten, result.remote), *aside, *changed, *result.notices]


def _rewritten_data(pair: Rewritten) -> dict[str, str]:
    return {"tag": pair.after.tag, "tag_object": pair.after.oid, "before": pair.before.oid}


def _pushed_data(result: Pushed) -> dict[str, Any]:
    return {
        "remote": result.remote,
        "dry_run": result.dry_run,
        "events": [event_data(event) for event in result.events],
        "rewritten": [_rewritten_data(pair) for pair in result.rewritten],
        "lost": [lost_data(lost) for lost in result.lost],
        "differing": [differs_data(tag) for tag in result.differing],
        "branch": result.branch,
        "annotations": result.annotations,
        "artifacts": {"versions": result.artifacts.versions, "bytes": result.artifacts.bytes},
    }


def _pulled_blocks(result: Pulled) -> list[Block]:
    blocks: list[Block] = [
        line(Cell(model, "name"), f": {counted(count, 'new event', 'new events')}")
        for model, count in sorted(result.tags.items())
    ]
    if result.annotations:
        blocks.append(line("new annotations"))
    if result.artifacts:
        blocks.append(line(f"fetched the artifacts of {', '.join(result.artifacts)}"))
    if not blocks and not result.lost and not result.differing:
        blocks.append(line(f"{result.remote} has nothing new"))
    return [*blocks, *lost_lines(result.lost), *differing_lines(result.differing, result.remote)]


def _pulled_notices(result: Pulled) -> list[str]:
    changed = changed_notice(result.differing, result.remote)
    own = _followed(result.rewritten, result.remote)
    return [*own, *aside_notice(result.lost), *changed, *result.notices]


def _pulled_data(result: Pulled) -> dict[str, Any]:
    return {
        "remote": result.remote,
        "events": dict(sorted(result.tags.items())),
        "rewritten": [_rewritten_data(pair) for pair in result.rewritten],
        "lost": [lost_data(lost) for lost in result.lost],
        "differing": [differs_data(tag) for tag in result.differing],
        "annotations": result.annotations,
        "artifacts": list(result.artifacts),
        "failed": [_unfetched_data(one) for one in result.failed],
    }


def _unfetched_data(one: Unfetched) -> dict[str, Any]:
    return {"versions": list(one.versions), "error": json.loads(error_json(one.error))["data"]}


def unfetched(failed: Sequence[Unfetched]) -> list[str]:
    """Why artifacts could not be had, as errors are said, and once for all that need the same what to do next."""
    by_hint: dict[str, list[str]] = {}
    for one in failed:
        first, *others = one.versions
        same = f"; the same goes for {', '.join(others)}" if others else ""
        by_hint.setdefault(one.error.hint, []).append(f"mreg: {first}: {one.error}{same}")
    return [said for hint, texts in by_hint.items() for said in (*texts, *([f"hint: {hint}"] if hint else []))]


def _model_blocks(model: ModelStatus, remote: str) -> list[Block]:
    lost = {one.event.oid for one in model.lost}
    ours = [_event_line(event, Cell("unpublished  ", "warn")) for event in model.unpublished if event.oid not in lost]
    conflicts = [line(Cell("conflict     ", "bad"), loss(one)) for one in model.lost]
    behind = []
    if model.behind:
        newest = model.behind[-1]
        by = f"{newest.actor.name}, {minute(newest.when)} UTC"
        what = counted(len(model.behind), "event", "events")
        lacking = "is" if len(model.behind) == 1 else "are"
        name = Cell(model.model, "name")
        last = f"the newest is {newest.kind.value} v{newest.version} ({by})"
        behind = [line(Cell("behind       ", "warn"), name, f": {what} on {remote} {lacking} not here; {last}")]
    return [*ours, *conflicts, *behind, *differing_lines(model.differing, remote, "differs      ")]


_FACTS = {
    "here": ("unpublished  ", "annotations that {} lacks"),
    "there": ("behind       ", "annotations on {} that are not here"),
    "both": ("behind       ", "annotations on either side that the other lacks: mreg pull merges them"),
}


def _status_blocks(result: Status) -> list[Block]:
    blocks = [block for model in result.models for block in _model_blocks(model, result.remote)]
    if result.annotations in _FACTS:
        word, text = _FACTS[result.annotations]
        blocks.append(line(Cell(word, "warn"), text.format(result.remote)))
    if not blocks:
        same = f"{counted(result.known, 'model is', 'models are')} the same here and on {result.remote}"
        blocks.append(line(Cell(same if result.known else f"no models here and on {result.remote}", "good")))
    return [*blocks, *(_event_line(event, Cell("set aside    ", "faint")) for event in result.aside)]


def _status_notices(result: Status) -> list[str]:
    changed = changed_notice([tag for model in result.models for tag in model.differing], result.remote)
    if not result.aside:
        return changed
    one, *others = result.aside
    every = "git for-each-ref --format='delete %(refname)' refs/mreg-aside | git update-ref --stdin"
    forget = every if others else f"git update-ref -d refs/mreg-aside/{one.oid}"
    what_now = f"write it again if you still mean it, or forget it: {forget}"
    return [*changed, f"what is set aside is not published: {what_now}"]


def _status_data(result: Status) -> dict[str, Any]:
    return {
        "remote": result.remote,
        "models": [
            {
                "model": model.model,
                "unpublished": [event_data(event) for event in model.unpublished],
                "behind": [event_data(event) for event in model.behind],
                "conflicts": [lost_data(lost) for lost in model.lost],
                "differing": [differs_data(tag) for tag in model.differing],
            }
            for model in result.models
        ],
        "annotations": result.annotations,
        "set_aside": [event_data(event) for event in result.aside],
    }


PUSHED: Face[Pushed] = Face("pushed", _pushed_blocks, _pushed_data, _pushed_notices)
PULLED: Face[Pulled] = Face("pulled", _pulled_blocks, _pulled_data, _pulled_notices)
STATUS: Face[Status] = Face("status", _status_blocks, _status_data, _status_notices)
