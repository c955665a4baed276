"""What every test suite stands on: an environment of its own for git and DVC, and a repository to work in."""

from __future__ import annotations

import gc
import os
import shutil
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.gitrepos import copy_repository, gpg, new_repository, stop_gpg, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.pipelines import GtoRepository, Pipelines

_GIT_CONFIG = """\
[user]
    name = Ada Lovelace
    email = ada@example.com
    useConfigOnly = true
[init]
    defaultBranch = main
    templateDir = {template}
[core]
    fsync = none
[gc]
    auto = 0
[maintenance]
    auto = false
[protocol "file"]
    allow = always
"""
_DVC_CONFIG = """\
[core]
    analytics = false
    check_update = false
"""
# Whatever the person who runs the tests has set for these is not for the tests.
_FOREIGN = ("GIT_", "DVC_", "SSH_", "XDG_", "GPG_", "EMAIL", "FORCE_COLOR", "CLICOLOR", "PAGER", "EDITOR", "VISUAL")
# Where Python may not keep what it compiled, each process of mreg that a test starts compiles all of it: 0.3 s.
_SLOW = ("PYTHONDONTWRITEBYTECODE",)

_MEMORY = "/dev/shm"

# That a busy machine is slow is no fault of the code.
settings.register_profile("mreg", deadline=None)
settings.load_profile("mreg")


def pytest_configure() -> None:
    """Temporary folders lie in memory where there is room: the tests make a third of a million files and folders."""
    if _has_room(_MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _MEMORY)


def _has_room(folder: str) -> bool:
    """Whether all that is left behind would fit, and hooks can be run. In many containers they cannot."""
    try:
        system = os.statvfs(folder)
    except OSError:
        return False
    can_run = os.access(folder, os.W_OK) and not system.f_flag & os.ST_NOEXEC
    return can_run and system.f_bavail * system.f_frsize >= 4 << 30


def pytest_collection_finish() -> None:
    """What was imported stays: no collection of garbage need look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Git and DVC, here and in child processes, see no configuration, cache or clock zone but ours."""
    base = tmp_path_factory.mktemp("environment")
    template = base / "git-template"
    template.mkdir()
    variables: dict[str, str | Path] = {
        "GIT_CONFIG_GLOBAL": write(base / "gitconfig", _GIT_CONFIG.format(template=template)),
        # Not /dev/null: who saves to it renames over it, and root may.
        "GIT_CONFIG_SYSTEM": write(base / "gitconfig-system", ""),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GNUPGHOME": base / "gnupg",
        "XDG_CONFIG_HOME": base / "config",
        "XDG_CACHE_HOME": base / "cache",
        "XDG_DATA_HOME": base / "data",
        "XDG_STATE_HOME": base / "state",
        "DVC_NO_ANALYTICS": "1",
        "DVC_GLOBAL_CONFIG_DIR": write(base / "dvc" / "config", _DVC_CONFIG).parent,
        "DVC_SYSTEM_CONFIG_DIR": base / "dvc-system",
        "DVC_SITE_CACHE_DIR": base / "dvc-site-cache",
        "TZ": "UTC",
        "LC_ALL": "C",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "COLUMNS": "100",
        "LINES": "40",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith((*_FOREIGN, *_SLOW))]:
            patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, os.fspath(value))
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="session")
def first_repository(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that each test's own is a copy of. Not to be changed."""
    return new_repository(tmp_path_factory.mktemp("first-repository"))


@pytest.fixture
def repository(first_repository: Path, tmp_path: Path) -> Path:
    """A fresh repository of this test's own, with a branch `main` and one commit."""
    return copy_repository(first_repository, tmp_path / "repository")


@pytest.fixture(scope="session")
def gpg_home(environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A GnuPG folder with the secret key of Ada Lovelace, whom every repository made here commits as."""
    if shutil.which("gpg") is None:
        pytest.skip("GnuPG is not installed")
    home = tmp_path_factory.mktemp("gpg")  # a short path: GnuPG makes its sockets there
    gpg(home, "--passphrase", "", "--quick-gen-key", "Ada Lovelace <ada@example.com>", "ed25519", "sign", "never")
    yield home
    stop_gpg(home)


@pytest.fixture(scope="session")
def first_pipelines(first_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipelines:
    """What each test's `pipelines` is a copy of. Not to be changed."""
    from tests.pipelines import build_once, build_pipelines

    return build_once(tmp_path_factory, "first-pipelines", lambda folder: build_pipelines(first_repository, folder))


@pytest.fixture(scope="session")
def first_gto_repository(
    first_repository: Path, first_pipelines: Pipelines, tmp_path_factory: pytest.TempPathFactory
) -> GtoRepository:
    """What each test's `gto_repository` is a copy of. Not to be changed."""
    from tests.pipelines import build_gto_repository, build_once

    return build_once(
        tmp_path_factory,
        "first-gto-repository",
        lambda folder: build_gto_repository(first_repository, first_pipelines, folder),
    )


@pytest.fixture
def pipelines(first_pipelines: Pipelines, tmp_path: Path) -> Pipelines:
    """Real DVC pipelines whose models mreg registered; this test's own. See `tests.pipelines.churn.Pipelines`."""
    return first_pipelines.copy(tmp_path / "pipelines")


@pytest.fixture
def gto_repository(first_gto_repository: GtoRepository, tmp_path: Path) -> GtoRepository:
    """A repository that DVC and GTO made, without mreg; this test's own. See `tests.pipelines.gto.GtoRepository`."""
    return first_gto_repository.copy(tmp_path / "gto")
