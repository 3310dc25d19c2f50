"""Command ``digitserve predict``: pictures and folders, offline or by a server."""
