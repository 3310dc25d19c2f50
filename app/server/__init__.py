"""The HTTP server: uvicorn, its protocol, and worker processes."""
