"""`mreg annotate`: what was learned about a version later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.snapshot import check

if TYPE_CHECKING:
    from tests.cli.projects import Project


def test_facts_are_added_and_changed(registry: Project) -> None:
    registry.go_to("2026-03-02")
    ran = registry.mreg("annotate", "cancer@production", "drift_psi=0.11", "monitored=true")
    check("annotate.txt", ran.out + ran.err)
    check("annotate.json", registry.mreg("annotate", "cancer@production", "owner=clinic", "--json").out)
    kept = registry.git("notes", "--ref=mreg", "show", "cancer@v1.0.0").splitlines()
    assert len(kept) == 5
    assert sum('"key":"drift_psi"' in line for line in kept) == 2


def test_what_is_so_already(registry: Project) -> None:
    before = registry.state()
    ran = registry.mreg("annotate", "cancer@production", "validation_status=passed")
    check("annotate-again.txt", ran.out + ran.err)
    assert registry.state() == before
    registry.mreg("annotate", "cancer@production", "validation_status=passed", "n=1")
    registry.mreg("annotate", "cancer@production", "n=1.0")
    assert registry.data("show", "cancer@production")["annotations"]["n"]["value"] == 1.0
    assert len(registry.git("notes", "--ref=mreg", "show", "cancer@v1.0.0").splitlines()) == 4


def test_removing(registry: Project) -> None:
    registry.mreg("annotate", "cancer@production", "--remove", "drift_psi")
    assert list(registry.data("show", "cancer@production")["annotations"]) == ["validation_status"]
    check("annotate-unknown.txt", registry.mreg("annotate", "cancer@production", "--remove", "x", code=1).err)
    ran = registry.mreg("annotate", "cancer@production", "--remove", "validation_status")
    check("annotate-nothing-left.txt", ran.out)
    assert "annotations" not in registry.mreg("show", "cancer@production").out


def test_of_one_version_only(registry: Project) -> None:
    registry.mreg("annotate", "cancer@champion", "a=1")
    assert list(registry.data("show", "cancer@v1.1.0")["annotations"]) == ["a"]
    assert list(registry.data("show", "cancer@v1.0.0")["annotations"]) == ["drift_psi", "validation_status"]


def test_kinds_of_values(registry: Project) -> None:
    registry.mreg("annotate", "nlp/sentiment", "a=1", "b=1.0", "c=1e-4", "d=true", "e=null", "f='1.10'", "g=x y = z")
    found = {key: fact["value"] for key, fact in registry.data("show", "nlp/sentiment")["annotations"].items()}
    assert found == {"a": 1, "b": 1.0, "c": 0.0001, "d": True, "e": None, "f": "1.10", "g": "x y = z"}
    shown = registry.mreg("show", "nlp/sentiment").out
    for line in ("  b  1.0 (", "  c  0.0001 (", "  d  true (", "  e  null (", "  f  1.10 ("):
        assert line in shown


def test_nothing_named(registry: Project) -> None:
    check("annotate-empty.txt", registry.mreg("annotate", "cancer", code=2).err)
    assert "is not key=value" in registry.mreg("annotate", "cancer", "passed", code=2).err
