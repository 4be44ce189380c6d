"""Arithmetic on series: `A / B`, `(A + B) * 100`."""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence

_OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda over, under: over / under,
}
_LONGEST = 500


def letter_of(place: int) -> str:
    """What a formula calls a series: A, B … by its place."""
    return chr(ord("A") + place) if place < 26 else f"A{place}"


def check_formula(formula: str, letters: Sequence[str]) -> str:
    """What is wrong with a formula over these series, in a sentence; empty where nothing is."""
    if len(formula) > _LONGEST:
        return f"A formula has at most {_LONGEST} characters."
    try:
        tree = ast.parse(formula, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"{formula!r} is no formula."
    return _wrong(tree.body, letters)


def evaluate_formula(formula: str, values: Mapping[str, float | None]) -> float | None:
    """A formula's value; None where a series has none there, or something is divided by nothing."""
    return _value(ast.parse(formula, mode="eval").body, values)


def _wrong(node: ast.expr, letters: Sequence[str]) -> str:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _wrong(left, letters) or _wrong(right, letters)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _wrong(operand, letters)
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            return ""
        case ast.Name(id=name):
            return "" if name in letters else f"There is no series {name!r}."
        case _:
            return "A formula has series, numbers, + - * / and brackets."


def _value(node: ast.expr, values: Mapping[str, float | None]) -> float | None:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            first, second = _value(left, values), _value(right, values)
            if first is None or second is None:
                return None
            try:
                return _OPERATIONS[type(op)](first, second)
            except (ZeroDivisionError, OverflowError):
                return None
        case ast.UnaryOp(operand=operand):
            found = _value(operand, values)
            return None if found is None else -found
        case ast.Constant(value=value) if isinstance(value, int | float):
            return float(value)
        case ast.Name(id=name):
            return values.get(name)
        case _:
            return None
