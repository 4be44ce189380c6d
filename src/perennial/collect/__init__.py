"""Collect is stage 1 of the loop: what happened, and to whom."""
