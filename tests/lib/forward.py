# SPDX-License-Identifier: Apache-2.0
"""Something between a client and the server, for what clients cannot be told otherwise."""

import contextlib
import http.server
import threading

from lib.client import encode_request

_NOT_PASSED_ON = ("host", "authorization", "connection", "content-length", "accept-encoding", "transfer-encoding")


@contextlib.contextmanager
def forwarding(server, authorization, change=lambda method, path, body: (path, body)):
    """A base URL; what is asked of it is asked of the server, with that key, as change(method, path, body) makes it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self):
            length = self.headers["Content-Length"]
            path, body = change(self.command, self.path, self.rfile.read(int(length)) if length else None)
            headers = [("Authorization", authorization)]
            headers += [(name, value) for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON]
            if body is not None:
                headers.append(("Content-Length", str(len(body))))
            with server.connect() as connection:
                connection.send(encode_request(self.command, path, None, headers) + (body or b""))
                reply = connection.receive()
            self.send_response(reply.status)
            for name, value in reply.headers:
                if name.lower() not in ("connection", "date", "server"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_DELETE = pass_on

        def log_message(self, *_):  # pylint: disable=arguments-differ
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_port}"
        proxy.shutdown()
