"""The verbs that move things between repositories, and out of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mreg.registry.base import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mreg.adapters.progress import Progress
    from mreg.adapters.shell import Shell
    from mreg.usecases.delivery import Delivered
    from mreg.usecases.sharing.results import Pulled, Pushed, Status
    from mreg.usecases.watching import WatchRemark, WatchRun


class Sharing(Base):
    """What is published, brought and delivered."""

    def push(
        self,
        *models: str,
        remote: str | None = None,
        branch: bool = True,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Pushed:
        """Publish what only this clone has: artifacts first, then branch, tags, heads and notes in one step."""
        from mreg.adapters.progress import SILENT
        from mreg.errors import MregError
        from mreg.usecases.sharing.errors import PushRefused, mention
        from mreg.usecases.sharing.push import push
        from mreg.usecases.sharing.record import Record
        from mreg.usecases.sharing.refusal import take_back

        work, record = self._workspace, Record()
        shown = progress or SILENT
        try:
            return push(work, models, remote=remote, branch=branch, dry_run=dry_run, progress=shown, record=record)
        except MregError as error:
            if isinstance(error, PushRefused):
                take_back(work, error, ())
            mention(error, () if dry_run else record.lost)
            raise

    def pull(self, *, remote: str | None = None, artifacts: bool = False, progress: Progress | None = None) -> Pulled:
        """Bring what others published, and let own unpublished events follow it.

        Artifacts that could not be had raise nothing: `failed` of the result has each with its error.
        """
        from mreg.adapters.progress import SILENT
        from mreg.usecases.sharing.pull import pull

        return pull(self._workspace, remote=remote, artifacts=artifacts, progress=progress or SILENT)

    def status(self, *, remote: str | None = None) -> Status:
        """What is unpublished, what is behind, and what conflicts."""
        from mreg.usecases.sharing.status import status

        return status(self._workspace, remote=remote)

    def get(
        self,
        ref: str,
        folder: Path | str,
        *,
        if_changed: bool = False,
        link: bool = False,
        force: bool = False,
        progress: Progress | None = None,
    ) -> Delivered:
        """Put a version's artifact into a folder, its bytes proven, without touching the work tree.

        With `if_changed` the folder follows the reference: see `mreg.usecases.switching.get_if_changed`.
        """
        from mreg.adapters.progress import SILENT
        from mreg.usecases.delivery import get
        from mreg.usecases.switching import get_if_changed

        deliver = get_if_changed if if_changed else get
        return deliver(
            self._source.version(ref), ref, Path(folder), link=link, force=force, progress=progress or SILENT
        )

    def watch(
        self, ref: str, command: str, *, interval: float = 30.0, shell: Shell | None = None
    ) -> Iterator[WatchRun | WatchRemark]:
        """Run a command for the version that a reference picks, and whenever it picks another one; never ends.

        Yields each run, and what else there is to know, as it happens. See `mreg.usecases.watching.watch`.
        """
        from mreg.adapters.shell import Shell
        from mreg.usecases.watching import watch

        source = self._source
        return watch(source.version, source.identity, ref, command, interval=interval, shell=shell or Shell())
