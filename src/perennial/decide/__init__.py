"""Decide is stage 3 of the loop: what should happen now, as effects that others carry out."""
