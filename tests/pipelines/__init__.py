"""Real DVC pipelines with registries on top, as teams have them.

Two fixtures of `tests/conftest.py`, each built once per run of the tests by real `dvc repro` and copied for each test:

`pipelines`: a `Pipelines`, a repository where mreg registered what its pipelines made. Every version of `churn` changes
one thing: its parameters, its data, its code. `churn-eu` was fine-tuned from `churn`, on data imported from a second
repository. `forecast/north` and `forecast/south` come from a loop in a sub-folder's templated pipeline.

`gto_repository`: a `GtoRepository`, where GTO made the tags, `dvc.yaml` names the artifacts, and mreg never ran.

Each has a `.project`, see `tests/cli/projects.py`: `pipelines.project.mreg("show", "churn")`; and `.facts`, read from
the files as each version was made: `pipelines.facts["churn@v1.1.0"].metrics`.
"""

from tests.pipelines.churn import Pipelines, build_pipelines
from tests.pipelines.gto import GtoRepository, build_gto_repository
from tests.pipelines.sharing import build_once
from tests.pipelines.team import Fact, Team

__all__ = ["Fact", "GtoRepository", "Pipelines", "Team", "build_gto_repository", "build_once", "build_pipelines"]
