"""The verbs of the interface under `/api`, one module per noun; each translates and decides nothing."""
