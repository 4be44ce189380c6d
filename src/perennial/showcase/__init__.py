"""The demo is a real year of shopping, replayed through the live engine; nothing in it is made up."""
