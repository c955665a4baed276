"""Which packages the files of an environment ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mreg.core.compare.packages import UnreadableEnvironment, is_environment, is_yaml, read_packages

REQUIREMENTS = """\
# what we need
-r base.txt
--index-url https://packages.example/simple
numpy==1.26.4
Scikit_Learn [extra] >= 1.5, < 2   # a comment
pandas == 2.* ; python_version < "3.13"
torch===2.4.0
dvc
uv==0.5.1 \\
    --hash=sha256:1f3a \\
    --hash=sha256:2b4c
mreg @ git+https://git.example/mreg@v1.0.0#egg=mreg
https://files.example/some-1.0-py3-none-any.whl
"""
PYPROJECT = """\
[project]
requires-python = ">=3.11"
dependencies = ["numpy>=1.26", "typer>=0.26,<0.29"]
[project.optional-dependencies]
dev = ["pytest==8.3"]
[dependency-groups]
lint = ["ruff", {include-group = "dev"}]
[tool.poetry.dependencies]
scipy = "^1.14"
torch = {version = "2.4", source = "cpu"}
[tool.poetry.group.docs.dependencies]
sphinx = "*"
"""
LOCK = """\
version = 1
[[package]]
name = "numpy"
version = "1.26.4"
[[package]]
name = "numpy"
version = "2.1.0"
[[package]]
name = "mreg"
source = {editable = "."}
"""
DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
RUN pip install numpy
from --platform=linux/amd64 ghcr.io:443/acme/base:2.0@sha256:1f3a
FROM registry.example:5000/plain
"""
EXPLICIT = """\
@EXPLICIT
https://conda.example/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda#1f3a
https://conda.example/conda-forge/noarch/python-dateutil-2.9.0-pyhd8ed1ab_0.tar.bz2
"""
PIPFILE = {"default": {"numpy": {"version": "==1.26.4"}, "own": {"ref": "1f3a"}}, "develop": {"pytest": {}}}
CONDA = {
    "dependencies": ["python=3.11", "conda-forge::numpy >=1.26", "scipy=1.14=py311_0", {"pip": ["dvc==3.60", "rich"]}]
}
CONDA_LOCK = {
    "package": [
        {"name": "numpy", "version": "1.26.4", "platform": "linux-64"},
        {"name": "numpy", "version": "1.26.4", "platform": "osx-64"},
        {"name": "scipy", "version": "1.14"},
    ]
}


@pytest.mark.parametrize(
    ("path", "content", "packages"),
    [
        (
            "requirements.txt",
            REQUIREMENTS,
            {
                "-r base.txt": "",
                "--index-url https://packages.example/simple": "",
                "numpy": "1.26.4",
                "scikit-learn": ">= 1.5, < 2",
                "pandas": '== 2.* ; python_version < "3.13"',
                "torch": "2.4.0",
                "dvc": "",
                "uv": "0.5.1",
                "mreg": "@ git+https://git.example/mreg@v1.0.0#egg=mreg",
                "https://files.example/some-1.0-py3-none-any.whl": "",
            },
        ),
        (
            "pyproject.toml",
            PYPROJECT,
            {"python": ">=3.11", "numpy": ">=1.26", "typer": ">=0.26,<0.29", "pytest": "8.3", "ruff": ""}
            | {"scipy": "^1.14", "torch": "2.4", "sphinx": "*"},
        ),
        ("uv.lock", LOCK, {"numpy": "1.26.4, 2.1.0", "mreg": ""}),
        ("sub/poetry.lock", LOCK, {"numpy": "1.26.4, 2.1.0", "mreg": ""}),
        ("pylock.toml", '[[packages]]\nname = "numpy"\nversion = "1.26.4"\n', {"numpy": "1.26.4"}),
        ("Pipfile.lock", json.dumps(PIPFILE), {"numpy": "1.26.4", "own": "1f3a", "pytest": ""}),
        (
            "Dockerfile",
            DOCKERFILE,
            {
                "FROM python": "3.11-slim",
                "FROM ghcr.io:443/acme/base": "2.0@sha256:1f3a",
                "FROM registry.example:5000/plain": "",
            },
        ),
        ("conda-linux-64.lock", EXPLICIT, {"numpy": "1.26.4", "python-dateutil": "2.9.0"}),
        (
            "environment.yml",
            CONDA,
            {"python": "3.11", "numpy": ">=1.26", "scipy": "1.14=py311_0", "dvc": "3.60", "rich": ""},
        ),
        ("conda-lock.yml", CONDA_LOCK, {"numpy": "1.26.4", "scipy": "1.14"}),
        ("requirements/base.txt", "numpy", {"numpy": ""}),
        ("requirements.txt", "", {}),
        ("environment.yml", {"name": "x", "dependencies": ""}, {}),
    ],
)
def test_packages(path: str, content: Any, packages: dict[str, str]) -> None:
    assert is_environment(path)
    assert is_yaml(path) is not isinstance(content, str)
    assert read_packages(path, content) == packages


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("requirements.txt", "numpy==1\n<<<<<<< HEAD\n"),
        ("uv.lock", "[[package"),
        ("uv.lock", "package = 3"),
        ("uv.lock", "[[package]]\nversion = '1'"),
        ("uv.lock", "[[package]]\nname = 1"),
        ("uv.lock", "x = " + "[" * 2000),
        ("Pipfile.lock", "[]"),
        ("Pipfile.lock", "{"),
        ("pyproject.toml", "project = 1"),
        ("pyproject.toml", "[project]\nrequires-python = 3"),
        ("environment.yml", "text"),
        ("environment.yml", {"dependencies": [["x"]]}),
        ("environment.yml", {"dependencies": [{"pip": [{}]}]}),
        ("conda-lock.yml", {"package": "x"}),
        ("conda-lock.yml", []),
    ],
)
def test_files_that_are_not_what_their_names_say(path: str, content: Any) -> None:
    with pytest.raises(UnreadableEnvironment):
        read_packages(path, content)


@pytest.mark.parametrize(
    "path",
    [
        "train.py",
        "notes/requirements.md",
        "requirements.txt.bak",
        "environment.json",
        "docs/base.txt",
        "Dockerfile2",
        "",
    ],
)
def test_other_files(path: str) -> None:
    assert not is_environment(path)
