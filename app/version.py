"""The version of the service; a test holds it against pyproject.toml and the changelog."""

VERSION = "0.1.0"
