"""Web page at /."""
