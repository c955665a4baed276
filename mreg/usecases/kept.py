"""What was read of commits before, in three caches: what most questions need, steps that versions share, cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mreg.adapters.cache import Cache
from mreg.adapters.dvc import packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mreg.core.dossier import Card
    from mreg.usecases.workspace import Workspace


class Entry(NamedTuple):
    """What a commit says about a model, as JSON.

    Attributes:
        card_path: Where its card is; None where it has none.
        origins: What the card says that the model was made from, see `Evidence.origins`.
        provenance: Packed; its steps may be shared.
        problems: What could not be read, a sentence each.
        lasting: Whether all that will stay so: a commit that a shallow clone lacks may come.
        card: The card; in the cache it is not here, but in a place of its own.
    """

    card_path: str | None
    origins: Card | None
    provenance: list[Any]
    problems: list[str]
    lasting: bool
    card: Card | None = None


class Kept:
    """The caches of one repository."""

    def __init__(self, workspace: Workspace) -> None:
        """Open them."""
        self._entries = Cache(workspace.git, "dossiers", form=packed.FORM)
        self._steps = Cache(workspace.git, "steps", form=packed.FORM)
        self._cards = Cache(workspace.git, "cards", form=packed.FORM)
        self.steps: packed.Steps = {}

    def read(self, keys: Sequence[str]) -> dict[str, Entry]:
        """The entries of these keys that are whole; the steps that they share are in `steps` then."""
        entries = {key: Entry(*values) for key, values in self._entries.read_some(keys).items()}
        needed = {key: packed.names(entry.provenance) for key, entry in entries.items()}
        found = self._steps.read_some(list({name for names in needed.values() for name in names}))
        self.steps = {name: packed.unpack_step(step) for name, step in found.items()}
        return {key: entry for key, entry in entries.items() if self.steps.keys() >= set(needed[key])}

    def write(self, fresh: Mapping[str, Entry]) -> None:
        """Keep these entries; first what they need, so that none lacks it."""
        if not fresh:
            return
        entries: dict[str, Entry] = {}
        steps: dict[str, list[Any]] = {}
        for key, entry in fresh.items():
            shared, named = packed.share(entry.provenance)
            entries[key] = entry._replace(provenance=shared, card=None)
            steps |= named
        self._cards.write({key: entry.card for key, entry in fresh.items()})
        self._steps.write(steps)
        self._entries.write(entries)

    def cards(self, keys: Iterable[str], read: Callable[[Sequence[str]], Mapping[str, Entry]]) -> Cards:
        """The cards of these keys, to be read when the first is asked for.

        Args:
            keys: Of entries that were read.
            read: Reads entries anew, where somebody took their cards away.
        """
        return Cards(self._cards, list(keys), read)


class Cards:
    """Many cards, all of them read when the first one is asked for: who needs one needs most of them."""

    def __init__(self, cache: Cache, keys: Sequence[str], read: Callable[[Sequence[str]], Mapping[str, Entry]]) -> None:
        self._cache, self._keys, self._read = cache, keys, read
        self._cards: dict[str, Card | None] | None = None

    def __getitem__(self, key: str) -> Card | None:
        if self._cards is None:
            self._cards = self._cache.read_some(self._keys)
            if missing := [key for key in self._keys if key not in self._cards]:
                self._cards |= {key: entry.card for key, entry in self._read(missing).items()}
        return self._cards[key]
