"""Database of feedback, with SQLAlchemy, which is imported only if feedback is on."""
