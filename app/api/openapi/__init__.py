"""OpenAPI document: what FastAPI cannot derive, because handlers parse bodies and queries."""
