"""The commands, one module per noun; each translates words into requests and decides nothing."""
