"""Log: configuration, writer, lines of requests and of connections."""
