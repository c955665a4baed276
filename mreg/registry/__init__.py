"""`Registry`: the library's face over the use cases, with the command line's verbs."""

from __future__ import annotations

from mreg.registry.reading import Reading
from mreg.registry.sharing import Sharing
from mreg.registry.writing import Writing


class Registry(Writing, Reading, Sharing):
    """The model registry in one Git repository.

    Every method reads the repository anew, so a registry never goes stale. All raise `mreg.errors.MregError` kinds;
    nothing is printed. Each use case is imported when it is first used, since a script pays for what it asks.
    """


__all__ = ["Registry"]
