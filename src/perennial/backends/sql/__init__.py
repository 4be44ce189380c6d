"""The relational back-end: SQLite through SQLAlchemy Core, so that another engine is another URL."""
