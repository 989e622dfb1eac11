# SPDX-License-Identifier: Apache-2.0
# Imported while the interpreter is parked, in this order: what most programs want first. Not multiprocessing, which
# would give the program's own module a second name.
work = """
    re math random time datetime collections itertools functools typing string json enum operator copy heapq bisect
    dataclasses contextlib os.path pathlib threading traceback types warnings weakref struct textwrap abc numbers
    decimal fractions statistics cmath array calendar subprocess tempfile shutil glob fnmatch csv argparse logging
    inspect hashlib hmac base64 uuid secrets queue signal socket select selectors pickle pprint io locale platform
    concurrent.futures concurrent.futures.thread
    asyncio urllib.parse urllib.request http.client http.server html html.parser xml.etree.ElementTree zlib gzip bz2
    lzma zipfile tarfile configparser difflib shlex getpass timeit ast tokenize dis ctypes sqlite3 ssl unittest
    unittest.mock email.message email.mime.text email.mime.multipart importlib importlib.util logging.handlers
    collections.abc zoneinfo
""".split()


def restart_clock():
    """LogRecord.relativeCreated counts from the import of logging."""
    import sys
    import time

    logging = sys.modules.get("logging")
    if logging:
        logging._startTime = time.time_ns() if isinstance(logging._startTime, int) else time.time()


before_start = [restart_clock]
