"""What of a URL may be shown."""

from __future__ import annotations

import pytest

from mreg.core.urls import without_credentials


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://git.example.com/a/b.git", "https://git.example.com/a/b.git"),
        ("https://ann:secret@git.example.com/a", "https://git.example.com/a"),
        ("https://ann:se@cret@git.example.com/a", "https://git.example.com/a"),
        ("ssh://git@git.example.com/a@b", "ssh://git.example.com/a@b"),
        ("git@git.example.com:a/b.git", "git@git.example.com:a/b.git"),
        ("cannot read 'https://a:b@h/x': 401 of https://c@h/y", "cannot read 'https://h/x': 401 of https://h/y"),
        ("https://h/a.git?private_token=glpat-1", "https://h/a.git?private_token=***"),
        ("https://h/a?ref=main&access_token=x1#top", "https://h/a?ref=main&access_token=***#top"),
        ("https://h/a?sig=x%2B1&se=2026", "https://h/a?sig=***&se=2026"),
        (
            "s3/m?X-Amz-Credential=A/1&X-Amz-Signature=ff",
            "s3/m?X-Amz-Credential=***&X-Amz-Signature=***",
        ),
        (
            "s3/m?AWSAccessKeyId=AK&Expires=1&Signature=s",
            "s3/m?AWSAccessKeyId=***&Expires=1&Signature=***",
        ),
        ("401 for url 'https://h/x?apikey=k1'", "401 for url 'https://h/x?apikey=***'"),
        ("https://h/x?token=", "https://h/x?token="),
        (
            "https://h/x?key=train.csv&design=1&tokens=3&versionId=7",
            "https://h/x?key=train.csv&design=1&tokens=3&versionId=7",
        ),
    ],
)
def test_what_lets_somebody_in_is_left_out(text: str, shown: str) -> None:
    assert without_credentials(text) == shown
    assert without_credentials(shown) == shown
