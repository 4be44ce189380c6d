"""The ways in for clients of other platforms: each protocol's own addresses, bodies and answers."""
