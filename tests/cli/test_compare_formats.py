"""`mreg compare --format`: Markdown for a comment, CSV, HTML; whatever a card says."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mreg.core.compare.wording import Piece, word_diff
from mreg.render.blocks import safe
from mreg.render.compare.csvtable import guarded
from mreg.render.compare.faces import abridged
from mreg.render.compare.markdown import escaped, inert
from tests.cli.snapshot import check
from tests.cli.test_compare import FIRST, SECOND, without_sizes

if TYPE_CHECKING:
    from tests.cli.projects import Project
    from tests.pipelines import Pipelines

EVIL = "<script>alert(1)</script> | @ada #7 [x](https://evil.example) `a` \x1b[31m **b** www.evil.example \u202e"
LINES = "first\n</details>\n/close\n"


@pytest.mark.parametrize("form", ["md", "csv", "html"])
def test_formats(registry: Project, form: str) -> None:
    ran = registry.mreg("compare", FIRST, SECOND, "--format", form)
    check(f"compare.{form}", without_sizes(ran.out.replace("\r\n", "\n")))
    assert ran.err == ""


def test_markdown_of_a_pipeline(pipelines: Pipelines) -> None:
    ran = pipelines.project.mreg("compare", "churn@v1.2.0", "churn@v2.0.0", "--format", "md")
    check("compare-pipeline.md", without_sizes(ran.out))


@pytest.mark.parametrize("form", ["md", "csv", "html"])
def test_formats_of_a_trend(registry: Project, form: str) -> None:
    ran = registry.mreg("compare", "cancer", "--last", "5", "--format", form)
    check(f"compare-trend.{form}", ran.out.replace("\r\n", "\n"))


@pytest.fixture
def hostile(registry: Project) -> Project:
    """Two versions of a model whose cards were written by somebody who means no good."""
    for number, text in enumerate((LINES, EVIL), start=1):
        card = {
            "description": text,
            "artifact": {"path": "model.joblib", "framework": EVIL},
            "training": {"parameters": {EVIL: number, "=1+1": f"=cmd|' /C calc'!A{number}"}},
            "evaluations": [{"metric": EVIL, "value": number, "unit": EVIL, "slice": {}}],
            "limitations": [text, {"a": [EVIL]}],
        }
        registry.write("models/odd/card.yaml", json.dumps(card).encode("ascii"))
        registry.git("add", "--all")
        registry.git("commit", "--quiet", "--message", f"{EVIL} {number}")
        registry.git("tag", f"odd@v1.{number}.0")
    return registry


def test_hostile_cards_in_markdown(hostile: Project) -> None:
    text = hostile.mreg("compare", "odd@v1.1.0", "odd@v1.2.0", "--format", "md").out
    assert "<script" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not re.search(r"@\w|#\d|(?<!\\)\]\(|://|www\.", text.replace("&#8203;", "\u200b"))
    assert text.count("<details>") == text.count("</details>")
    assert not re.search(r"^/close", text, re.MULTILINE)
    assert re.search(r"^\|", text, re.MULTILINE)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.replace("\\|", "").count("|") for line in table.splitlines()}) == 1


class Tags(HTMLParser):
    """The elements of a page, and whether they are balanced."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("arguments", [("odd@v1.1.0", "odd@v1.2.0"), ("odd", "--last", "9")])
def test_hostile_cards_in_html(hostile: Project, arguments: tuple[str, ...]) -> None:
    page = hostile.mreg("compare", *arguments, "--format", "html").out
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    known = "html head meta title style body h1 h2 p section table tr th td span ins del"
    assert tags.seen <= set(known.split())
    assert tags.attributes <= {"lang", "charset", "http-equiv", "content", "name", "class"}
    assert "\x1b" not in page
    assert "default-src 'none'" in page


def test_hostile_cards_in_a_spreadsheet(hostile: Project) -> None:
    text = hostile.mreg("compare", "odd@v1.1.0", "odd@v1.2.0", "--format", "csv").out
    table = list(csv.reader(io.StringIO(text)))
    assert len({len(row) for row in table}) == 1
    cells = [cell for row in table for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+", "\t"))]
    assert not [cell for cell in cells if cell.startswith("-") and not float(cell)]


def test_hostile_cards_in_a_terminal(hostile: Project) -> None:
    ran = hostile.mreg("compare", "odd@v1.1.0", "odd@v1.2.0")
    assert "\x1b" not in ran.out + ran.err
    assert "\u202e" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("latency_ms", r"latency\_ms"),
        ("a|b", r"a\|b"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("@ada a@b.org", "@&#8203;ada a@&#8203;b.org"),
        ("#12 !3 GH-4 100% # a", "#&#8203;12 !&#8203;3 GH-&#8203;4 100% # a"),
        ("https://x.org www.x.org", "https:&#8203;//x.org www&#8203;.x.org"),
        ("[a](b)", r"\[a\](b)"),
        ("a\nb", "a<br>b"),
        ("\x07", r"\\u0007"),
        ("+0.5", "+0.5"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, shown: str) -> None:
    assert escaped(text) == shown


MARKUP = [
    *("*", "**", "_", "__", "`", "```", "~~", "|", "\\", "#", "$", "[a](b)", "![a](b)", "[a]:", "&lt;", "&#64;"),
    *("<b>", "</details>", "<!--", "-->", "<http://x.org>", "@ada", "a", "w", " ", "\n"),
]
texts = st.text(st.characters(codec="utf-8"), max_size=9)
pieces = st.lists(st.sampled_from(MARKUP) | texts, max_size=9).map("".join)


@given(pieces)
def test_markdown_reads_no_markup_in_a_text(text: str) -> None:
    """By a parser of CommonMark and tables: in a paragraph and in a cell there is the text, and nothing else."""
    document = f"| x {escaped(text)} |\n| --- |\n| y {escaped(text)} |\n\nz {escaped(text)}\n"
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(document)
    inline = [token.children or [] for token in tokens if token.type == "inline"]
    assert len(inline) == 3
    for children in inline:
        assert {child.type for child in children} <= {"text", "text_special", "html_inline"}
        assert {child.content for child in children if child.type == "html_inline"} <= {"<br>"}
        shown = "".join("\n" if child.type == "html_inline" else child.content for child in children)
        wanted = "\n".join(map(safe, text.split("\n")))
        assert shown[2:].replace("\u200b", "").split() == wanted.replace("\u200b", "").split()


def test_a_summary_is_html() -> None:
    assert inert("a_b <c> @d") == "a_b &lt;c&gt; @&#8203;d"


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, ""), (True, "true"), (-0.5, "-0.5"), (3, "3"), ("-3", "'-3"), ("=A1", "'=A1"), ("a=1", "a=1"), ("", "")],
)
def test_cells_of_a_spreadsheet(value: object, cell: str) -> None:
    assert guarded(value) == cell


def test_only_what_is_near_a_difference_is_shown() -> None:
    words = " ".join(f"w{number}" for number in range(30))
    told = list(abridged(word_diff(f"{words} old", f"{words} new")))
    assert told == [("same", "… w24 w25 w26 w27 w28 w29"), ("removed", "old"), ("added", "new")]
    near = [Piece("removed", "x "), Piece("same", "a\nb c"), Piece("added", " y")]
    assert list(abridged(near)) == [("removed", "x "), ("same", "a\nb c"), ("added", " y")]
