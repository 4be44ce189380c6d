"""Boards: kept insights side by side, under filters of their own, shared as numbers and never as people."""

from perennial.evaluate.boards.links import ShareKeys, ShareUnknown
from perennial.evaluate.boards.model import Board, Filters, InsightDraft, Kept, Kind, Layout, Share, Tile
from perennial.evaluate.boards.parse import parse_board, parse_filters, parse_kept_insight
from perennial.evaluate.boards.ports import BoardShelf
from perennial.evaluate.boards.rows import Table, board_table, table_of
from perennial.evaluate.boards.service import get_kept, keep, remove
from perennial.evaluate.boards.shipped import TEMPLATES, ShippedBoard, shipped_board

__all__ = [
    "TEMPLATES",
    "Board",
    "BoardShelf",
    "Filters",
    "InsightDraft",
    "Kept",
    "Kind",
    "Layout",
    "Share",
    "ShareKeys",
    "ShareUnknown",
    "ShippedBoard",
    "Table",
    "Tile",
    "board_table",
    "get_kept",
    "keep",
    "parse_board",
    "parse_filters",
    "parse_kept_insight",
    "remove",
    "shipped_board",
    "table_of",
]
