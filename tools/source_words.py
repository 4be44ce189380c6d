"""Words that stand in the source and nowhere in a table: codes of mistakes, reasons of the mail line."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from perennial.backends.smtp import provider as smtp
from perennial.backends.webhook import provider as webhook

SOURCE = Path(__file__).parent.parent / "src" / "perennial"
CODE = re.compile(r"[a-z]+(_[a-z…]+)*")


def mistake_codes() -> Mapping[str, str]:
    """The code of each mistake with the first message it comes with, as written in the source."""
    found: dict[str, str] = {}
    for module in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            for code, message in codes_in(node):
                written = texts(message) or texts(assigned_before(tree, message))
                if written or code not in found:
                    found[code] = found.get(code, "") or "".join(written[:1])
    return found


def assigned_before(tree: ast.Module, name: ast.expr) -> ast.expr:
    """What was last written to a local name above its use; the expression itself where it is no name."""
    if not isinstance(name, ast.Name):
        return name
    values = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == name.id
        and node.lineno < name.lineno
    ]
    return max(values, key=lambda value: value.lineno, default=name)


def codes_in(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Codes by keyword, as second argument of a noting call, or right before a sentence."""
    if isinstance(node, ast.Tuple):
        for left, right in pairwise(node.elts):
            if any(is_sentence(text) for text in texts(right)):
                yield from paired(left, right)
    if isinstance(node, ast.Call):
        given = {word.arg: word.value for word in node.keywords}
        if called(node) in ("Problem", "Reject", "Violation", "_refused") and "code" in given:
            yield from paired(given["code"], given.get("message", given["code"]))
        if called(node) in ("add", "_Refusal") and len(node.args) > 2:
            yield from paired(node.args[1], node.args[2])
        elif any(is_sentence(text) for right in node.args[1:] for text in texts(right)):
            for left, right in pairwise(node.args):
                if any(is_sentence(text) for text in texts(right)):
                    yield from paired(left, right)


def paired(code: ast.expr, message: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Each code an expression can be, with its message."""
    yield from ((word, message) for word in texts(code) if CODE.fullmatch(word))


def is_sentence(text: str) -> bool:
    return " " in text and text.endswith((".", "?"))


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def texts(node: ast.expr) -> Sequence[str]:
    """The texts an expression can be; what is filled in is shown as `…`."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.IfExp(body=one, orelse=other):
            return [*texts(one), *texts(other)]
        case ast.JoinedStr(values=parts):
            return ["".join((texts(part) or ["…"])[0] for part in parts)]
        case _:
            return []


def smtp_reasons() -> set[str]:
    """The words a receipt of the SMTP back-end can carry, as written in its source."""
    return _reasons_in(smtp)


def webhook_reasons() -> set[str]:
    """The words a receipt of the webhook back-end can carry, as written in its source."""
    return _reasons_in(webhook) | {"redirected"}


def _reasons_in(module: ModuleType) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        match node:
            case ast.Call(func=ast.Name(id="_receipt"), args=[_, _, reason, *_]):
                found.update(texts(reason))
            case ast.Call(func=ast.Name(id="_Unreachable"), args=[reason]):
                found.update(texts(reason))
            case ast.Tuple(elts=[ast.Attribute() | ast.Name(), reason]):
                found.update(word for word in texts(reason) if CODE.fullmatch(word))
            case ast.Assign(targets=[ast.Tuple()], value=ast.Tuple(elts=[_, reason])):
                found.update(texts(reason))
            case ast.IfExp(orelse=reason):
                found.update(word for word in texts(reason) if "_" in word)
            case _:
                pass
    return found - {""}
