"""Does a list of things to a registry, one after the other: run as a program, never imported.

Asked on the command line for a repository, and for jobs as JSON: `[verb, arguments, options]`. Says `ready` and waits
for a line, so that many begin at once; then says for each job what came of it. What the registry refuses is an answer;
any other error ends the program.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import mreg.usecases.facts
import mreg.usecases.register
import mreg.usecases.stages  # noqa: F401 - so that all begin at once
from mreg.errors import RegistryError
from mreg.registry import Registry
from mreg.usecases.facts import Annotated
from mreg.usecases.register import Registered
from mreg.usecases.writing import Written


def _done(result: Any) -> list[str]:
    """The tags that a job wrote, or the keys that it noted."""
    match result:
        case Annotated():
            return list(result.changed)
        case Registered():
            tags = [result.event, result.promoted.event if result.promoted else None]
            return [event.tag for event in tags if event]
        case Written():
            return [result.event.tag] if result.event else []
    raise TypeError(result)


def main() -> None:
    registry, jobs = Registry(sys.argv[1]), json.loads(sys.argv[2])
    if any(verb == "register" for verb, _, _ in jobs):
        import dvc.repo.add  # noqa: F401
    print("ready", flush=True)
    sys.stdin.readline()
    for verb, arguments, options in jobs:
        try:
            done, refused = _done(getattr(registry, verb)(*arguments, **options)), []
        except RegistryError as error:
            done, refused = [], [f"{type(error).__name__}: {error}"]
        print(json.dumps({"done": done, "refused": refused}), flush=True)


main()
