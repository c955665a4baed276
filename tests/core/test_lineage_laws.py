"""Laws of walks and of impact, on graphs and cards that anybody may have written: also in circles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mreg.core.dossier import Dossier
from mreg.core.lineage import Edge, EdgeKind, FileNode, Graph, Index, Target, affected, build
from mreg.core.lineage.graph import ANCESTRY
from mreg.core.lineage.nodes import version_key
from tests.core.lineages import md5, papers, step

NAMES = tuple("abcdefgh")

nodes = {name: FileNode(key=name, path=name, hash=None, size=None, nfiles=None, in_git=False) for name in NAMES}
names = st.sampled_from(NAMES)
kinds = st.sampled_from(sorted(EdgeKind))
graphs = st.lists(st.builds(Edge, names, kinds, names), max_size=24, unique=True).map(
    lambda edges: Graph(nodes, tuple(edges))
)
depths = st.integers(0, 6)
directions = st.sampled_from(("up", "down"))

REFS = tuple(f"m{number}@v1.0.0" for number in range(5))
CONTENTS = ("a1", "a2", "b1", "b2", "c1")
contents = st.sampled_from(CONTENTS)
files = st.dictionaries(st.sampled_from(("in.csv", "x.csv", "y.csv")), contents, min_size=1, max_size=2)


@st.composite
def versions(draw: st.DrawFn) -> list[Dossier]:
    """Versions whose cards and pipelines may name each other, and themselves, in every way."""
    found = []
    for time, ref in enumerate(REFS):
        steps = [
            step(f"s{number}", draw(files), {**draw(files), "model.pkl": draw(contents)})
            for number in range(draw(st.integers(0, 2)))
        ]
        bases = [{"ref": base} for base in draw(st.lists(st.sampled_from(REFS), max_size=2))]
        data = [{"path": "x.csv", "revision": md5(content)} for content in draw(st.lists(contents, max_size=1))]
        found.append(
            papers(ref, draw(contents), steps=steps, bases=bases, datasets=data, time=draw(st.integers(0, 2)) + time)
        )
    return found


@given(graphs, names, directions)
def test_no_walk_enters_a_node_twice_and_all_its_steps_are_edges(graph: Graph, start: str, direction: str) -> None:
    walked = graph.walk(start, direction)  # type: ignore[arg-type]
    assert walked[start] == 0
    for key, away in walked.items():
        if away:
            before = {
                edge.source if direction == "up" else edge.target
                for edge in graph.edges
                if edge.kind in ANCESTRY and (edge.target if direction == "up" else edge.source) == key
            }
            assert min(walked[other] for other in before if other in walked) == away - 1


@given(graphs, names, names)
def test_up_and_down_are_converses(graph: Graph, one: str, other: str) -> None:
    assert graph.walk(one, "up").get(other) == graph.walk(other, "down").get(one)


@given(graphs, names, directions, depths)
def test_a_depth_limit_gives_a_prefix(graph: Graph, start: str, direction: str, depth: int) -> None:
    walked = graph.walk(start, direction)  # type: ignore[arg-type]
    limited = graph.walk(start, direction, depth=depth)  # type: ignore[arg-type]
    assert limited == {key: away for key, away in walked.items() if away <= depth}
    tree = list(graph.tree(start, direction))  # type: ignore[arg-type]
    assert list(graph.tree(start, direction, depth=depth)) == [row for row in tree if row.level <= depth]  # type: ignore[arg-type]


@given(graphs, names, directions)
def test_a_tree_shows_what_a_walk_finds_each_once(graph: Graph, start: str, direction: str) -> None:
    rows = list(graph.tree(start, direction))  # type: ignore[arg-type]
    taken_apart = [row.key for row in rows if row.again is None]
    assert sorted([start, *taken_apart]) == sorted(graph.walk(start, direction))  # type: ignore[arg-type]
    for row in rows:
        later = [other.key for other in rows[rows.index(row) + 1 :] if other.again is None]
        assert (row.again == "below") == (row.again is not None and row.key in later)


@given(versions(), st.permutations(range(len(REFS))))
def test_the_order_of_papers_does_not_matter(papers_: list[Dossier], order: list[int]) -> None:
    one, other = Index(papers_), Index([papers_[place] for place in order])
    assert build(one, whole=REFS) == build(other, whole=list(reversed(REFS)))
    target = Target(contents={md5("a1"): ("x",)})
    assert affected(one, target) == affected(other, target)


@given(versions(), st.sampled_from(REFS))
def test_circles_end(papers_: list[Dossier], ref: str) -> None:
    index = Index(papers_)
    graph = build(index, whole=index.reach([ref], "up"), named=index.reach([ref], "down"))
    for direction in ("up", "down"):
        key = version_key(ref)
        assert len({row.key for row in graph.tree(key, direction) if not row.again}) <= len(graph.nodes)
    hits = [hit.ref for hit in affected(index, Target(versions=[ref]))]
    assert len(hits) == len(set(hits))
    assert ref not in hits


@given(versions(), st.sampled_from(REFS))
def test_reach_is_its_own_converse(papers_: list[Dossier], ref: str) -> None:
    index = Index(papers_)
    assert {other for other in REFS if ref in index.reach([other], "down")} == set(index.reach([ref], "up"))


@given(versions(), contents)
def test_impact_agrees_with_the_graph(papers_: list[Dossier], content: str) -> None:
    """What the quick way finds, the whole graph has too: the version is below the file, or below what one below is."""
    index = Index(papers_)
    graph = build(index, whole=REFS)
    below, waiting = set[str](), [key for key in [f"file:{md5(content)}"] if key in graph.nodes]
    while waiting:
        below |= graph.walk(waiting.pop(), "down").keys()
        published = {file.key for key in below for file in graph.of(key, EdgeKind.PUBLISHES)}
        waiting += published - below
    for hit in affected(index, Target(contents={md5(content): ("x",)})):
        assert version_key(hit.ref) in below


@given(versions(), contents)
def test_what_was_derived_from_a_hit_is_a_hit(papers_: list[Dossier], content: str) -> None:
    index = Index(papers_)
    hits = {hit.ref for hit in affected(index, Target(contents={md5(content): ("x",)}))}
    assert set(index.reach(hits, "down")) == hits
