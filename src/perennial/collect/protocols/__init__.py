"""Protocols are other platforms' ways of saying what happened, said again as calls of ours."""

from perennial.collect.protocols.sensors import calls_of_records

__all__ = ["calls_of_records"]
