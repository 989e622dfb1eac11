# SPDX-License-Identifier: Apache-2.0
"""A package index on loopback: Python's simple API in both of its forms, npm's registry. What it has is made here."""

import base64
import contextlib
import hashlib
import http.server
import io
import json
import tarfile
import threading
import zipfile


def wheel(name, version, files, requires=(), tag="py3-none-any"):
    """(file name, bytes) of a wheel."""
    out, name = io.BytesIO(), name.replace("-", "_")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        info = f"{name}-{version}.dist-info"
        lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires)]
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\n" + "\n".join(lines) + "\n\nText\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
    return f"{name}-{version}-{tag}.whl", out.getvalue()


def tarball(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


class Index:
    """with Index() as index: index.add_wheel(...); Server({"python_index_url": index.url})"""

    def __init__(self):
        self.pages, self.asked, self.npm, self.simple = {}, [], {}, {}
        self.logins, self.wanted_login = [], None  # what was said in Authorization, and what has to be
        self.slow = threading.Event()
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                index.asked.append(self.path)
                index.logins.append(self.headers["Authorization"])
                status, body, more = index.pages.get(self.path, (404, b"", {}))
                if index.wanted_login not in (None, self.headers["Authorization"]):
                    status, body, more = 401, b"", {"WWW-Authenticate": "Basic"}
                if callable(body):
                    body = body(self.headers)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}/"
        self.url, self.registry = self.base + "simple/", self.base + "npm/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def settings(self):
        return {"python_index_url": f"{self.url},{self.base}files/", "npm_registry_url": self.registry}

    def put(self, path, body, status=200, **headers):
        self.pages[path] = (status, body, headers)

    def add_wheel(self, name, version, files, requires=(), html=False, sha256=None, url=None, row=(), **more):
        """Its bytes; row has more of its row in the index."""
        file_name, data = wheel(name, version, files, requires, **more)
        self.put(f"/files/{file_name}", data)
        self.add_row(name, {"filename": file_name, "url": url or f"../../files/{file_name}",
                            "hashes": {"sha256": sha256 or hashlib.sha256(data).hexdigest()}, **dict(row)}, html)
        return data

    def add_row(self, name, row, html=False):
        rows = self.simple.setdefault(name, [])
        rows.append(row)
        if html:
            links = "".join(f"<a href=\"{r['url']}#sha256={r['hashes']['sha256']}\">{r['filename']}</a>" for r in rows)
            self.put(f"/simple/{name}/", f"<!DOCTYPE html><html><body>{links}</body></html>".encode())
        else:
            self.put(f"/simple/{name}/", json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": rows}).encode())

    def add_npm(self, name, version, files, dependencies=None, integrity=None, scripts=None, **more):
        data = tarball({**files, "package.json": json.dumps({"name": name, "version": version, "main": "index.js", "scripts": scripts or {}})})
        path = f"/npm/{name}/-/{name.split('/')[-1]}-{version}.tgz"
        self.put(path, data)
        page = self.npm.setdefault(name, {"name": name, "dist-tags": {}, "versions": {}})
        page["dist-tags"]["latest"] = version
        page["versions"][version] = {"name": name, "version": version, "dependencies": dependencies or {}, "dist": {
            "tarball": self.base[:-1] + path, "integrity": integrity or "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()}, **more}
        self.put("/npm/" + name.replace("/", "%2F"), json.dumps(page).encode())
