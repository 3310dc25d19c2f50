"""The HTTP API: routes, schemas, request parsing and responses."""
