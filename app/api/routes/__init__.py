"""Routes, one file per resource; a route parses the request, calls a service and responds."""
