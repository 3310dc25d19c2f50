"""The HTTP server: uvicorn, its protocol (http), accepting, worker processes, start and stop."""
