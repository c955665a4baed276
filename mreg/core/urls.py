"""URLs as they may be shown and kept."""

from __future__ import annotations

import re

# Up to the last @ before the path: a password may have one, unescaped.
_USER = re.compile(r"(?<=://)[^/\s]*@")

# `?private_token=…` of a Git host, `X-Amz-Signature` of a presigned URL, `sig` of Azure's, and their like.
_PARAMETER = re.compile(
    r"""([?&;]
         (?: [^?&;=\#\s]* (?: token | secret | passw(?:or)?d | signature | credential | api_?key | access_?key(?:id)? )
           | sig | pwd | auth )
         =) [^&;\#\s'"<>]+""",
    re.IGNORECASE | re.VERBOSE,
)


def without_credentials(text: str) -> str:
    """A URL, or a text with URLs in it, without what lets somebody in: it is nobody else's business.

    Users and passwords go. Of a parameter that holds a token, a key or a signature, `***` stays instead of its value.
    """
    return _PARAMETER.sub(r"\1***", _USER.sub("", text))
