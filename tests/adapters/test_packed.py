"""Provenances survive being packed."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from mreg.adapters.dvc.packed import pack, unpack
from mreg.core.pointer import Pointer
from mreg.core.provenance import File, Origin, Provenance, Source, Step

_texts = st.text(max_size=8)
_some = st.none() | _texts
_counts = st.none() | st.integers(0, 10**15)
_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _texts
_files = st.builds(File, _texts, _some, _counts, _counts)
_steps = st.builds(
    Step,
    pipeline=_texts,
    name=_texts,
    command=_texts,
    deps=st.lists(_files, max_size=3).map(tuple),
    outs=st.lists(_files, max_size=3).map(tuple),
    params=st.dictionaries(_texts, st.dictionaries(_texts, _scalars, max_size=3), max_size=2),
    metrics=st.lists(_texts, max_size=2).map(tuple),
)
_origins = st.builds(Origin, _texts, _some, _some, _some)
_pointers = st.builds(
    Pointer,
    path=_texts,
    file=_texts,
    hash_name=_texts,
    hash=_texts,
    size=_counts,
    nfiles=_counts,
    stage=_some,
    remote=_some,
    imported=st.booleans(),
)
_provenances = st.builds(
    Provenance,
    artifact=st.none() | _pointers,
    steps=st.lists(_steps, max_size=2).map(tuple),
    checks=st.lists(_steps, max_size=2).map(tuple),
    sources=st.lists(st.builds(Source, _texts, _files, st.none() | _origins), max_size=2).map(tuple),
    code=st.dictionaries(_texts, _texts, max_size=2),
    metrics=st.dictionaries(_texts, st.dictionaries(_texts, st.floats(allow_nan=False), max_size=2), max_size=2),
    cached=st.lists(_texts, max_size=2).map(tuple),
    unknown=st.lists(_texts, max_size=2).map(tuple),
)


@given(_provenances)
def test_what_is_packed_comes_out_again(provenance: Provenance) -> None:
    assert unpack(json.loads(json.dumps(pack(provenance)))) == provenance


def test_every_field_is_packed() -> None:
    """A new field needs a new FORM, or old caches are read as if they were of the new one."""
    assert len(pack(Provenance())) == len(Provenance.__dataclass_fields__)
