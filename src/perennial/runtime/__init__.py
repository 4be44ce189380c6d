"""The runtime turns the loop: what was accepted is understood, and what follows from it is brought about."""
