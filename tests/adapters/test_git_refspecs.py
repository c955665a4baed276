"""Refspecs that would write over a registry's own refs."""

from __future__ import annotations

import pytest

from mreg.adapters.git.refspecs import split_refspecs

USUAL = "+refs/heads/*:refs/remotes/origin/*"


@pytest.mark.parametrize(
    "refspec",
    [
        *(USUAL, "refs/heads/main", "+refs/heads/main:", ":", "main:mine", "^refs/tags/secret*", "^refs/notes/*"),
        *("+refs/*:refs/remotes/origin/*", "+refs/notes/*:refs/notes/origin/*", "refs/tags/*:refs/remotes/tags/*"),
        *("+refs/notes/mreg*:refs/notes/mreg-remotes/origin*", "+refs/mreg/*:refs/mreg-remotes/origin/*"),
        *("+refs/heads/*:refs/heads/*", "+refs/notes/commits:refs/notes/commits", "+refs/t/*:refs/t/*"),
    ],
)
def test_what_is_fetched_as_configured(refspec: str) -> None:
    for bare in (True, False):
        assert split_refspecs([refspec], bare=bare) == ([refspec], [])


@pytest.mark.parametrize(
    "refspec",
    [
        *("+refs/tags/*:refs/tags/*", "refs/tags/*:refs/tags/*", "refs/tags/a:refs/tags/b", "+tags/a:tags/a"),
        *("+refs/notes/*:refs/notes/*", "refs/notes/mreg:refs/notes/mreg", "refs/x*:refs/notes/mr*", "a/*g:refs/n*g"),
        *("+refs/mreg/*:refs/mreg/*", "+refs/m*:refs/m*", "refs/x/*:refs/mreg-known/*", "refs/*:refs/*"),
        *("+refs/heads/*:refs/mreg-aside/*", "refs/heads/*:refs/tags/heads/*"),
    ],
)
def test_what_would_overwrite(refspec: str) -> None:
    for bare in (True, False):
        assert split_refspecs([USUAL, refspec], bare=bare) == ([USUAL], [refspec])


def test_a_mirror() -> None:
    everything = "+refs/*:refs/*"
    assert split_refspecs([everything], bare=True) == (["+refs/heads/*:refs/heads/*"], [everything])
    assert split_refspecs([everything], bare=False) == ([], [everything])
