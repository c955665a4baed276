"""What a pointer says of itself."""

from __future__ import annotations

import pytest

from mreg.core.pointer import Pointer


@pytest.mark.parametrize(
    ("path", "object_hash", "name", "is_dir"),
    [
        ("model.bin", "ab" * 16, "model.bin", False),
        ("models/churn/model.bin", "ab" * 16, "model.bin", False),
        ("models/churn", "ab" * 16 + ".dir", "churn", True),
        ("a/b.dir", "ab" * 16, "b.dir", False),
    ],
)
def test_name_and_kind(path: str, object_hash: str, name: str, is_dir: bool) -> None:
    pointer = Pointer(path=path, file=f"{path}.dvc", hash_name="md5", hash=object_hash)
    assert (pointer.name, pointer.is_dir) == (name, is_dir)
