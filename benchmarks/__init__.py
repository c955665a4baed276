"""How fast mreg is, measured against git, DVC, GTO and Typer in one run: `python -m benchmarks --help`."""
