"""HTTP/1.1 on one connection: the byte stream, its requests, their cycles, and its end."""
