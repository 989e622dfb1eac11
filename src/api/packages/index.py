# SPDX-License-Identifier: Apache-2.0
# What has come of the index so far, and what becomes of it.
import hashlib
import json
import os
import re
import struct
import urllib.parse

FILES_MAX = 3000
TREE_BYTES_MAX = 15 << 20
UNPACKED_BYTES_MAX = 256 << 20  # of one archive: what it says and what comes out are two things

# enum fetch_failure (ipc/messages.h)
NO_STATUS = {0: 'the index cannot be reached', 1: 'it is no address of the index that this server allows',
             2: 'it is larger than what this server takes for one build', 3: 'the index is too slow'}
MISSING = (404, 410)
REFUSED = (401, 403)


class Failed(Exception):
    """Why there will be no packages, for the caller."""


class Got:
    """What has been fetched so far, and what is still wanted."""

    def __init__(self):
        self.wanted = {}
        with open('.got.json', encoding='utf-8') as file:
            self.rows = {url: (status, name) for url, status, name in json.load(file)}

    def status(self, url):
        """What the index has said; None: nothing yet."""
        return self.rows.get(url, (None,))[0]

    def size(self, url):
        return os.stat(f'.got/{self.rows[url][1]}').st_size

    def get(self, url, accept='*/*', missing_ok=False):
        """Its bytes; None: it has to be fetched first. One that is not there is an error, or b'' if that may be."""
        url = urllib.parse.urldefrag(url).url
        if url not in self.rows:
            self.wanted[url] = accept
            return None
        status, name = self.rows[url]
        if status == 200:
            with open(f'.got/{name}', 'rb') as file:
                return file.read()
        if missing_ok and status in (*MISSING, 403):  # storage without right to list says 403 of what it has not
            return b''
        why = NO_STATUS.get(status) or ('the index refuses it to this server' if status in REFUSED else 'the index answers') + f' ({status})'
        what = url.rstrip('/').rsplit('/', 1)[-1]
        raise Failed(f'{urllib.parse.unquote(what)} could not be had: {why}.')


STRONG = ('sha512', 'sha384', 'sha256')


def check(data, digests, what):
    """By the strongest of what is said of it, {algorithm: hexadecimal digits}."""
    algorithm = next((name for name in (*STRONG, 'sha1') if digests.get(name)), None)
    if not algorithm:
        raise Failed(f'The index has no {STRONG[-1]} of {what}.')
    if hashlib.new(algorithm, data).hexdigest() != digests[algorithm].lower():
        raise Failed(f'{what} is not what the index says it is: its {algorithm} differs.')


class Tree:
    """The files of all packages."""

    def __init__(self):
        self.files, self.bytes = {}, 0

    def add(self, name, data):
        parts = name.split('/')
        if '' in parts or '.' in parts or '..' in parts or '\0' in name or len(name.encode()) > 1000 or max(len(p.encode()) for p in parts) > 255:
            raise Failed(f'An archive has a file of the name {name!r}.')
        self.bytes += len(data) - len(self.files.get(name, b''))
        self.files[name] = data
        if len(self.files) > FILES_MAX or self.bytes > TREE_BYTES_MAX:
            raise Failed(f'The packages are too large: they have more than {FILES_MAX} files or {TREE_BYTES_MAX} bytes.')

    def write(self):
        for name in self.files:
            for at in (match.start() for match in re.finditer('/', name)):
                if name[:at] in self.files:
                    raise Failed(f'The packages have {name[:at]!r} as a file and as a directory.')
        with open('.tree', 'wb') as out:
            for name, data in sorted(self.files.items()):
                text = name.encode()
                out.write(struct.pack('<II', len(text), len(data)) + text + data)
