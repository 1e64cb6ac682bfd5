"""What a reader would look for in the sources, looked for in every one of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DOORS = ("app/api", "app/counter", "app/install", "app/owner", "app/tools", "webhooks")
# Whose word is taken only once its signature was looked at: see the tests of each.
NAME_WHO_ASKS = {
    "app/api/asking.py",
    "app/api/proxy.py",
    "app/install/door.py",
    "app/install/leave.py",
}
WHO_ASKS = {"shop", "shop_domain", "logged_in_customer_id", "customer_id", "dest"}
ASKED = {"args", "values", "form", "headers", "cookies", "json", "get_json"}
SECRET_WORDS = ("hmac", "digest", "signature", "_mac")


def sources(*folders: str) -> Iterator[Path]:
    """Yield the sources of these folders, but for those of the sandbox."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "sandbox" not in path.parts:
                yield path


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _reads(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What a source takes from a request, by where and by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            where, name = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if not node.args or node.func.attr not in ("get", "getlist"):
                continue
            where, name = node.func.value, node.args[0]
        else:
            continue
        if isinstance(where, ast.Attribute) and ast.unparse(where.value) == "request":
            yield where.attr, ast.unparse(name).strip("'\"")


@pytest.mark.parametrize("path", [*sources(*DOORS)], ids=_name)
def test_who_asks_is_read_where_signatures_are_looked_at_and_nowhere_else(path: Path):
    read = {
        name
        for where, name in _reads(ast.parse(path.read_text()))
        if where in ASKED and name.lower().replace("-", "_") in WHO_ASKS
    }

    assert not read or _name(path) in NAME_WHO_ASKS


def test_who_asks_is_found_where_it_is_read():
    """So that the above means something."""
    found = {
        _name(path)
        for path in sources(*DOORS)
        if {name for _, name in _reads(ast.parse(path.read_text()))} & WHO_ASKS
    }

    assert found
    assert found <= NAME_WHO_ASKS


def _compared(tree: ast.AST) -> list[str]:
    """Comparisons that end at the first letter which differs, of what is secret."""
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops)
        and not any(
            isinstance(each, ast.Constant) for each in (node.left, *node.comparators)
        )
        and any(word in ast.unparse(node).lower() for word in SECRET_WORDS)
    ]


@pytest.mark.parametrize("path", [*sources("app", "webhooks", "workers")], ids=_name)
def test_no_signature_is_compared_letter_by_letter(path: Path):
    assert [] == _compared(ast.parse(path.read_text()))


def test_a_comparison_letter_by_letter_is_found():
    told = "signature == mac(body)", "len(signature) != 1", "claimed != true_digest"
    found = [each for each in told if _compared(ast.parse(each))]

    assert [told[0], told[2]] == found
