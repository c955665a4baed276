"""`python -m benchmarks`: measure, print the table, and write it into the document."""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import mreg as mreg_package
from benchmarks.artifacts import measure_register
from benchmarks.bench import Bench
from benchmarks.comparing import measure_compare
from benchmarks.contention import measure_contention
from benchmarks.fast_import import ENVIRONMENT
from benchmarks.first_get import measure_first_get
from benchmarks.machine import describe_machine
from benchmarks.peers import measure_gto, measure_start
from benchmarks.processes import count_processes
from benchmarks.publishing import measure_push
from benchmarks.scale import measure_listing, measure_one_model
from benchmarks.searching import measure_search
from benchmarks.table import Row, render, write_between_markers
from benchmarks.timing import mreg, run_once
from benchmarks.tracing import measure_lineage
from benchmarks.unchanged import measure_unchanged

SUITES: dict[str, Callable[[Bench], list[Row]]] = {
    "start": measure_start,
    "listing": measure_listing,
    "model": measure_one_model,
    "compare": measure_compare,
    "search": measure_search,
    "lineage": measure_lineage,
    "processes": count_processes,
    "unchanged": measure_unchanged,
    "first-get": measure_first_get,
    "push": measure_push,
    "contention": measure_contention,
    "gto": measure_gto,
    "register": measure_register,
}


def main() -> None:
    """Run the suites asked for."""
    options = _options()
    os.environ.update(ENVIRONMENT)  # what is called in this process reads no other configuration either
    # As an installation leaves them: what is measured is no compiling.
    compileall.compile_dir(Path(mreg_package.__file__).parent, quiet=1)
    gto = options.gto or shutil.which("gto", path=str(Path(sys.executable).parent))
    with TemporaryDirectory(prefix="mreg-benchmarks-") as folder:
        bench = _bench(Path(folder), gto, quick=options.quick)
        for root in (bench.registry(bench.small), bench.pipelines()):
            run_once(root, (*mreg(), "verify"))  # what is measured is a registry without a fault
        rows = [row for name in options.only or SUITES for row in SUITES[name](bench)]
    text = f"{describe_machine(gto)}. Medians of {bench.runs} runs or more.\n\n{render(rows)}"
    print(text)
    if options.write:
        write_between_markers(options.write, text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes and few runs: does everything still run?")
    parser.add_argument("--only", action="append", choices=SUITES, help="one suite; can be given again")
    parser.add_argument("--gto", metavar="PATH", help="the gto command (default: the one beside this Python)")
    parser.add_argument("--write", metavar="FILE", type=Path, help="the document to put the table into")
    return parser.parse_args()


def _bench(folder: Path, gto: str | None, *, quick: bool) -> Bench:
    whole = Bench(
        folder=folder,
        runs=5,
        small=100,
        large=100_000,
        peers=(1_000, 10_000),
        gto=gto,
        artifact=1 << 30,
        searched=40_000,
        compared=1_000,
        traced=80,
        contended=10.0,
    )
    if not quick:
        return whole
    return replace(
        whole,
        runs=2,
        large=1_000,
        peers=(100,),
        artifact=8 << 20,
        searched=1_000,
        compared=100,
        traced=4,
        contended=1.0,
    )


if __name__ == "__main__":
    main()
