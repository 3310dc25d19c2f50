"""TCP proxy in front of a server: it records what a client sends and what it gets."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class RecordingProxy(socketserver.ThreadingTCPServer):
    """Proxy to a port on this machine.

    ``sent`` and ``received`` are the bytes since ``clear``; ``connections`` counts all.
    """

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = ("127.0.0.1", port)
        self.connections = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.sent, self.received = b"", b""

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return int(self.server_address[1])


class _Handler(socketserver.BaseRequestHandler):
    """One connection: this thread copies what the server sends, a second one what the client."""

    server: RecordingProxy

    def handle(self) -> None:
        self.server.connections += 1
        with socket.create_connection(self.server.target) as upstream, suppress(OSError):
            client = threading.Thread(target=self._copy_requests, args=(upstream,), daemon=True)
            client.start()
            while data := upstream.recv(65536):
                self.server.received += data
                with suppress(OSError):  # the client has closed it: record the rest
                    self.request.sendall(data)
            with suppress(OSError):
                self.request.shutdown(socket.SHUT_RDWR)
            client.join()

    def _copy_requests(self, upstream: socket.socket) -> None:
        with suppress(OSError):
            while data := self.request.recv(65536):
                self.server.sent += data
                upstream.sendall(data)
            upstream.shutdown(socket.SHUT_WR)


@contextmanager
def recording(port: int) -> Iterator[RecordingProxy]:
    """Run a proxy in a thread while the block runs."""
    with RecordingProxy(port) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
