"""A graph of nodes and edges, and walks through it towards what things come from, or towards what became of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from mreg.core.lineage.nodes import Edge, EdgeKind, Node

Direction = Literal["up", "down"]

ANCESTRY = frozenset({EdgeKind.PUBLISHES, EdgeKind.PRODUCED_BY, EdgeKind.USED, EdgeKind.DERIVED_FROM})
"""The edges that lead to what something was made from. The others tell about a node, and no walk goes along them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a walk that is shown as a tree.

    Attributes:
        level: 1 for what hangs on the start itself.
        last: Whether nothing else hangs on the same node after it.
        again: None for the node itself; else where it stands: "above" or "below".
    """

    level: int
    edge: Edge
    key: str
    last: bool
    again: Literal["above", "below"] | None = None


@dataclass(frozen=True)
class Graph:
    """Nodes by key, and the edges between them, each once."""

    nodes: Mapping[str, Node]
    edges: Sequence[Edge]

    @cached_property
    def _adjacent(self) -> dict[Direction, dict[str, list[Edge]]]:
        found: dict[Direction, dict[str, list[Edge]]] = {"up": {}, "down": {}}
        for edge in self.edges:
            if edge.kind in ANCESTRY:
                found["up"].setdefault(edge.source, []).append(edge)
                found["down"].setdefault(edge.target, []).append(edge)
        return found

    @cached_property
    def _leaving(self) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.source, []).append(edge)
        return found

    def next(self, key: str, direction: Direction) -> Sequence[Edge]:
        """The edges that lead one step on: up to what a node comes from, or down to what was made from it."""
        return self._adjacent[direction].get(key, ())

    def of(self, key: str, kind: EdgeKind) -> list[Node]:
        """What a node's own edges of one kind lead to."""
        return [self.nodes[edge.target] for edge in self._leaving.get(key, ()) if edge.kind is kind]

    def walk(self, start: str, direction: Direction, *, depth: int | None = None) -> dict[str, int]:
        """Everything that a node comes from, or that became of it, each with how many edges away it is.

        The start is 0 away. A walk enters each node once, so it ends also where untrusted cards form a circle.
        """
        distance, waiting = {start: 0}, deque([start])
        while waiting:
            key = waiting.popleft()
            if depth is not None and distance[key] >= depth:
                continue
            for edge in self.next(key, direction):
                if (other := _far_end(edge, direction)) not in distance:
                    distance[other] = distance[key] + 1
                    waiting.append(other)
        return distance

    def tree(self, start: str, direction: Direction, *, depth: int | None = None) -> Iterator[Row]:
        """A walk as lines of a tree, in which each node is taken apart once, as near to the start as it stands.

        With a depth, exactly those lines whose level is not greater.
        """
        distance, apart = self.walk(start, direction, depth=depth), {start}
        waiting = self._rows(start, direction, 1)
        while waiting:
            row = waiting.pop()
            if depth is not None and row.level > depth:
                continue
            if row.key in apart:
                yield _again(row, "above")
            elif row.level > distance[row.key]:
                yield _again(row, "below")
            else:
                apart.add(row.key)
                yield row
                waiting += self._rows(row.key, direction, row.level + 1)

    def _rows(self, key: str, direction: Direction, level: int) -> list[Row]:
        """What hangs on a node, last first."""
        edges = list(reversed(self.next(key, direction)))
        return [Row(level, edge, _far_end(edge, direction), last=not i) for i, edge in enumerate(edges)]

    def part(self, keys: Collection[str]) -> Graph:
        """The graph of these nodes alone, in this graph's order."""
        nodes = {key: node for key, node in self.nodes.items() if key in keys}
        return Graph(nodes, tuple(edge for edge in self.edges if edge.source in nodes and edge.target in nodes))

    def about(self, keys: Collection[str]) -> set[str]:
        """What is told about these nodes: evaluation data, commits, events, and who made them."""
        found: set[str] = set()
        for kind, told in ((EdgeKind.EVALUATED_ON, keys), (EdgeKind.AT, keys), (EdgeKind.TARGETS, keys)):
            found |= {end for edge in self.edges if edge.kind is kind and (end := _other_end(edge, told))}
        return found | {edge.source for edge in self.edges if edge.kind is EdgeKind.MADE and edge.target in found}


def _far_end(edge: Edge, direction: Direction) -> str:
    return edge.target if direction == "up" else edge.source


def _other_end(edge: Edge, keys: Collection[str]) -> str | None:
    """What an edge tells about one of these nodes: an event stands at its beginning, all else at its end."""
    told, teller = (edge.target, edge.source) if edge.kind is EdgeKind.TARGETS else (edge.source, edge.target)
    return teller if told in keys else None


def _again(row: Row, where: Literal["above", "below"]) -> Row:
    return Row(row.level, row.edge, row.key, row.last, where)
