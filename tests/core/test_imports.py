"""The house: what may import what, and what a reading command does not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mreg

PACKAGE = Path(mreg.__file__).parent
# From the bottom up. `mreg` itself is the names that `mreg/__init__.py` offers: the facade's.
FLOORS = ("errors", "core", "adapters", "usecases", "registry", "render", "cli", "__main__")


def modules() -> Iterator[tuple[str, Path]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def imports(module: str, file: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, also within functions and for types alone, by its full name."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            # `from mreg import errors` imports a module, `from mreg import Registry` a name of the facade.
            inside = origin == "mreg"
            yield from (f"mreg.{alias.name}" if inside else origin for alias in node.names)


def floor_of(module: str) -> int:
    """The floor of one of our modules; a name that `mreg` itself offers is on the facade's."""
    _, _, below = module.partition(".")
    part = below.partition(".")[0]
    return FLOORS.index(part if part in FLOORS else "registry")


MODULES = dict(modules())
HARMLESS = {"mreg.__version__"}


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_downwards(module: str) -> None:
    ours = {name for name in imports(module, MODULES[module]) if name.split(".")[0] == "mreg"} - HARMLESS
    assert {name for name in ours if floor_of(name) > floor_of(module)} == set()


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("mreg.core")])
def test_the_core_stands_on_the_standard_library_semver_and_pydantic(module: str) -> None:
    allowed = sys.stdlib_module_names | {"semver", "pydantic", "pydantic_core"}
    for name in imports(module, MODULES[module]):
        assert name.split(".")[0] in allowed or name.startswith(("mreg.core", "mreg.errors")), name


@pytest.mark.parametrize(("package", "home"), [("git", "mreg.adapters.git"), ("dvc", "mreg.adapters.dvc")])
def test_one_place_speaks_to_git_and_one_to_dvc(package: str, home: str) -> None:
    users = [name for name, file in MODULES.items() if package in {i.split(".")[0] for i in imports(name, file)}]
    assert [name for name in users if not name.startswith(home)] == []


def test_reading_the_core_loads_no_heavy_package() -> None:
    parts = ("annotations", "events", "fold", "messages", "names", "policy", "records", "refs", "tags", "versions")
    code = (
        "import sys\n"
        + "".join(f"import mreg.core.{part}\n" for part in parts)
        + "print(*sorted({'pydantic', 'yaml', 'git', 'rich', 'dvc', 'typer'}.intersection(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_walk_sees_every_kind_of_import(tmp_path: Path) -> None:
    file = tmp_path / "seen.py"
    file.write_text(
        "import a.b, c as d\nfrom e.f import g\nfrom mreg import errors, Registry\nfrom . import h\n"
        "from ..k import l\ndef f():\n    import m\nif TYPE_CHECKING:\n    from n import o\n"
    )
    found = {"a.b", "c", "e.f", "mreg.errors", "mreg.Registry", "mreg.core", "mreg.k", "m", "n"}
    assert set(imports("mreg.core.seen", file)) == found
    assert [FLOORS[floor_of(name)] for name in ("mreg", "mreg.Registry", "mreg.core.fold")] == [
        "registry",
        "registry",
        "core",
    ]
