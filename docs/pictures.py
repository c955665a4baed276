"""Draw docs/images/*.svg: what `mreg ls` and `mreg show` print at a terminal, of models that are trained for it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from sessions import checked, shell

from mreg.registry import Registry
from mreg.render.blocks import Block
from mreg.render.lists import MODELS
from mreg.render.terminal import print_blocks
from mreg.render.version import DETAIL

IMAGES = Path(__file__).resolve().parent / "images"
WIDTH = 104

# day, trees and depth of what is trained, and what is done then
HISTORY = (
    ("2026-01-12", "3 1", "mreg register cancer/mobile {} --stage staging"),
    ("2026-02-02", "5 2", "mreg register cancer {} --stage production -m 'first model that is good enough'"),
    ("2026-02-23", "50 4", "mreg register cancer {} --stage staging"),
    ("2026-03-02", "", "mreg promote cancer@staging production -m 'four points of F1 more'"),
    ("2026-03-16", "100 8", "mreg register cancer {} --stage staging"),
    ("2026-03-23", "10 2", "mreg register cancer/screening {}"),
)
TAKEN = "model.joblib --metrics metrics.json --params params.yaml --data data.csv"

PICTURES: dict[str, tuple[str, Callable[[Registry], list[Block]]]] = {
    "ls": ("mreg ls", lambda registry: MODELS.blocks(registry.models())),
    "show": ("mreg show cancer@production", lambda registry: DETAIL.blocks(registry.show("cancer@production"))),
}


def main() -> None:
    """Train, register, promote, and draw."""
    with shell() as bash:
        checked(bash, "cp $EXAMPLES/demo/*.py . && python data.py && echo metrics.json > .gitignore && mreg init")
        for day, parameters, command in HISTORY:
            bash.set_day(day)
            if parameters:
                trees, depth = parameters.split()
                checked(bash, f"printf 'trees: {trees}\\ndepth: {depth}\\nseed: 0\\n' > params.yaml")
                checked(bash, f"git add --all . && git commit --quiet -m '{trees} trees' && python train.py")
            checked(bash, command.format(TAKEN))
        registry = Registry(bash.folder)
        for name, (command, blocks) in PICTURES.items():
            (IMAGES / f"{name}.svg").write_text(_drawn(command, blocks(registry)), encoding="utf-8")


def _drawn(command: str, blocks: list[Block]) -> str:
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(f"$ {command}", markup=False)
    print_blocks(console, blocks)
    drawn = console.export_svg(title=command, unique_id=f"mreg-{command.split()[1]}")
    # A page that shows the picture needs no font from elsewhere: Rich gives each text its length, in any font.
    return re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")


if __name__ == "__main__":
    main()
