"""Rehearsing journeys: over the recorded past, and over examples."""
