"""Speed, measured; never asserted."""
