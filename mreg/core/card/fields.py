"""The kinds of text and numbers that a card's keys hold, each with its rule in words."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, Strict, WithJsonSchema

from mreg.core.kinds import kind
from mreg.core.names import check_model_name
from mreg.core.versions import parse_version
from mreg.errors import UsageError

MAX_LINE = 200

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PLACEHOLDER = re.compile(
    r"\s*(?:(?i:todo|tbd|fixme)[.!…]*|\.{3,}|…)\s*\Z"  # alone
    r"|\s*(?:TODO|TBD|FIXME)\s*(?:\([^)]*\))?:"  # TODO: describe, FIXME(anna): check
    r"|(?s:.*)\[(?i:more information needed)\]"
)
_SPDX_TOKEN = re.compile(r"\s*(\(|\)|[A-Za-z0-9][A-Za-z0-9.:-]*\+?)")
_SPDX_ID = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+|[A-Za-z0-9][A-Za-z0-9.-]*\+?")
_MOVING = frozenset({"head", "latest", "main", "master", "trunk", "dev", "develop"})
_HUB_REF = re.compile(r"hf:[A-Za-z0-9_][\w.-]*(?:/[\w.-]+)?@(?P<revision>[\w.+-]+)", re.ASCII)
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s\x00-\x1f]+")
_PINNED_URI = re.compile(
    r"[a-z][a-z0-9+.-]*://[^/\s]*/\S*(?:@(?P<revision>[^/@\s]+)|\?(?:\S*&)?versionId=[^&\s]+|#[\w.+-]+[=:]\S+)"
)


def _check_text(text: str) -> str:
    """The text, unless it says nothing or holds what no terminal should be sent."""
    if not text.strip():
        raise ValueError("is blank; write what belongs here, or leave the key out")
    if odd := _CONTROL.search(text):
        raise ValueError(f"holds the control character U+{ord(odd[0]):04X}")
    if _PLACEHOLDER.match(text):
        raise ValueError(f"is the placeholder {text.strip():.40}; write what belongs here, or leave the key out")
    return text


def check_line(text: str) -> str:
    """The text, where a card can hold it as a name or a short remark.

    Raises:
        ValueError: It has a line break or a control character, is too long, blank, or a placeholder.
    """
    if "\n" in text:
        raise ValueError("is one line, and this has a line break")
    if len(text) > MAX_LINE:
        raise ValueError(f"has {len(text)} characters, more than {MAX_LINE}")
    return _check_text(text)


def _check_version(text: str) -> str:
    try:
        version = str(parse_version(text))
    except UsageError as error:
        raise ValueError(f"{error}; {error.hint}") from error
    if version != text:
        raise ValueError(f"{text!r} is written without its v, as {version}")
    return text


def _check_path(text: str) -> str:
    parts = text.split("/")
    if {"", ".", ".."}.intersection(parts) or "\\" in text or re.match(r"[A-Za-z]:", text):
        raise ValueError(
            f"{text!r} is no path inside the repository: write it from its root, as in models/churn/model.pkl"
        )
    return text


def _check_license(text: str) -> str:
    """An SPDX license expression, by its grammar; whether each identifier is on SPDX's list is not looked up.

    Source: https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/
    """
    tokens = _spdx_tokens(text)
    expects_id, depth, after_with = True, 0, False
    for token in tokens:
        if token == "(" and expects_id and not after_with:
            depth += 1
        elif token == ")" and not expects_id and depth:
            depth -= 1
        elif token in ("AND", "OR", "WITH") and not expects_id:
            expects_id, after_with = True, token == "WITH"
        elif expects_id and token not in ("(", ")", "AND", "OR", "WITH") and _SPDX_ID.fullmatch(token):
            expects_id = after_with = False
        else:
            tokens = []
            break
    if not tokens or expects_id or depth:
        raise ValueError(f"{text!r} is no SPDX license expression, such as Apache-2.0 or MIT OR Apache-2.0")
    return text


def _spdx_tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while match := _SPDX_TOKEN.match(text, position):
        tokens.append(match[1])
        position = match.end()
    return tokens if not text[position:].strip() else []


def _check_uri(text: str) -> str:
    if not _URI.fullmatch(text):
        raise ValueError(f"{text!r} is no URI, such as https://example.org/terms or s3://bucket/key")
    return text


def check_base_model(text: str) -> str:
    """The reference, where it means the same model for ever.

    Raises:
        ValueError: It does not.
    """
    problem = "is not pinned: write name@v1.0.0, hf:id@revision, or a URI that ends in @revision or #sha256=…"
    match = (_HUB_REF if text.startswith("hf:") else _PINNED_URI).fullmatch(text)
    if text.startswith("hf:") or "://" in text:
        if match is None or (match["revision"] or "").casefold() in _MOVING:
            raise ValueError(f"{text!r} {problem}")
        return text
    name, _, version = text.rpartition("@")
    try:
        check_model_name(name)
        parse_version(version)
    except UsageError as error:
        raise ValueError(f"{text!r} {problem}") from error
    return text


def _check_scalar(value: object) -> object:
    if not isinstance(value, str | int | float | None):
        raise ValueError(f"text, a number, true, false or null is expected, not {kind(value)}")  # noqa: TRY004 - pydantic's
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return value


def _matching(pattern: str, rule: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"{text!r} is not {rule}")
        return text

    return AfterValidator(check)


Text = Annotated[str, AfterValidator(_check_text)]
Line = Annotated[str, AfterValidator(check_line)]
Summary = Annotated[str, Field(max_length=300), AfterValidator(_check_text)]
VersionText = Annotated[Line, AfterValidator(_check_version)]
RepositoryPath = Annotated[Text, AfterValidator(_check_path)]
Uri = Annotated[Text, AfterValidator(_check_uri)]
LicenseExpression = Annotated[Line, AfterValidator(_check_license)]
BaseModelRef = Annotated[Text, AfterValidator(check_base_model)]
Commit = Annotated[str, _matching(r"[0-9a-f]{40}|[0-9a-f]{64}", "a full commit id: 40 or 64 digits of 0-9 and a-f")]
Task = Annotated[str, _matching(r"[a-z0-9]+(-[a-z0-9]+)*", "a Hugging Face task id, such as text-classification")]
Language = Annotated[str, _matching(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", "a BCP 47 language tag, such as en or pt-BR")]

Number = Annotated[float, Field(allow_inf_nan=False)]
Amount = Annotated[float, Field(allow_inf_nan=False, ge=0)]
Count = Annotated[int, Field(ge=1)]
Scalar = Annotated[
    Any, AfterValidator(_check_scalar), WithJsonSchema({"type": ["string", "number", "boolean", "null"]})
]
ScalarMap = dict[Annotated[str, Field(min_length=1)], Scalar]
# Strict elsewhere, so that no number passes for text; but YAML's lists are to become tuples.
AsTuple = Strict(False)
