"""Back-ends are the engines: each implements what a stage asks for, and only they import drivers."""
