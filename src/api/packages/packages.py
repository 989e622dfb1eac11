# SPDX-License-Identifier: Apache-2.0
# Packages of a manifest, found and unpacked inside of a jail, which has no network: what is wanted of the index is
# said in .answer.json, and the next run has it in .got. In the end .tree has the files of all packages. Nothing
# of a package is ever run here: wheels and npm's tarballs are data.
import json
import tarfile
import zipfile
import zlib

from index import Failed, Got, Tree


def builder(kind):
    if kind == 'npm':
        from npm import Npm
        return Npm
    try:
        from wheels import Python
    except ImportError as e:
        raise Failed(f"This server's Python lacks its module {e.name!r}, which packages are found with.") from None
    return Python


def answer(value):
    with open('.answer.json', 'w', encoding='utf-8') as file:
        json.dump(value, file)


def main():
    with open('.ask.json', encoding='utf-8') as file:
        ask = json.load(file)
    got, tree = Got(), Tree()
    try:
        if builder(ask['kind'])(got, ask['index'], ask['manifest']).build(tree):
            tree.write()
            answer({'done': True})
        else:
            answer({'need': sorted(got.wanted.items())})
    except Failed as e:
        answer({'error': str(e)[:900]})
    except (LookupError, TypeError, ValueError, AttributeError, EOFError, OSError, RuntimeError, zlib.error, zipfile.BadZipFile, tarfile.TarError) as e:
        answer({'error': f'What the index has given cannot be read: {type(e).__name__}: {e}'[:900]})


main()
