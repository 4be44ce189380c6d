"""Compute is stage 2 of the loop: what we know about people."""
