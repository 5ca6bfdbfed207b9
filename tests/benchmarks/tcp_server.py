"""The server of the TCP loads: it answers each 8 bytes with the same bytes, after as many seconds as they say.

It prints its port, and ends when its standard input is closed, so that it cannot outlive the benchmark.
"""

from __future__ import annotations

import signal
import socket
import socketserver
import struct
import sys
import threading
import time


class Answer(socketserver.BaseRequestHandler):
    """Answers one connection until the client closes it."""

    def handle(self) -> None:
        connection: socket.socket = self.request
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while len(request := connection.recv(8)) == 8:
            (seconds,) = struct.unpack("d", request)
            if seconds:
                time.sleep(seconds)
            connection.sendall(request)


class Server(socketserver.ThreadingTCPServer):
    """A thread for each connection: a thread that sleeps is more exact than asyncio, which waits whole milliseconds."""

    daemon_threads = True
    request_queue_size = 500

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that went away is no fault."""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches this process too; the benchmark ends it
    with Server(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
