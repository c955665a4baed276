"""The files that mreg brings along for people to start from."""

from __future__ import annotations


def read_template(name: str) -> str:
    """The text of a file of `templates/`, such as `card.yaml`.

    In an installed mreg the folder lies inside the package; in a checkout it lies beside it.
    """
    from importlib.resources import files  # ten milliseconds that only few commands need

    package = files("mreg")
    folder = package / "templates"
    if not folder.is_dir():
        folder = package / ".." / "templates"
    return (folder / name).read_text(encoding="utf-8")
