"""The kinds of insights: each answers a specification, and says who makes up any of its numbers."""
