"""Clients that generators make from the OpenAPI document, and linters of that document."""
