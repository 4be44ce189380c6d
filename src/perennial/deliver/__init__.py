"""Deliver is stage 4 of the loop: make it happen, once."""
