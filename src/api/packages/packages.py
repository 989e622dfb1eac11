# SPDX-License-Identifier: Apache-2.0
# Packages of a manifest, found and unpacked inside of a jail, which has no network: what is wanted of the index is
# said in .answer.json, and the next run has it in .got. In the end .tree has the files of all packages. Nothing
# of a package is ever run here: wheels and npm's tarballs are data.
import base64
import hashlib
import html.parser
import io
import json
import re
import stat
import struct
import sys
import tarfile
import urllib.parse
import zipfile

FILES_MAX = 3000
TREE_BYTES_MAX = 15 << 20
UNPACKED_BYTES_MAX = 256 << 20  # of one archive: what it says and what comes out are two things
PASSES_MAX = 50


class Failed(Exception):
    """Why there will be no packages, for the caller."""


class Got:
    """What has been fetched so far, and what is still wanted."""

    def __init__(self):
        self.wanted = {}
        with open('.got.json', encoding='utf-8') as file:
            self.rows = {url: (status, name) for url, status, name in json.load(file)}

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
        if missing_ok and status in (403, 404, 410):
            return b''
        what = f'answers {status}' if status else 'cannot be reached, or it is no address of the index, or too large'
        raise Failed(f'The index has not given {url.rsplit("/", 1)[-1] or url}: it {what}.')


def check(data, algorithm, digest, what):
    if hashlib.new(algorithm, data).hexdigest() != digest:
        raise Failed(f'{what} is not what the index says it is: its {algorithm} differs.')


class Tree:
    def __init__(self):
        self.files, self.bytes = {}, 0

    def add(self, name, data):
        parts = name.split('/')
        if '' in parts or '.' in parts or '..' in parts or '\0' in name or len(name.encode()) > 1000 or max(len(p.encode()) for p in parts) > 255:
            raise Failed(f'An archive has a file of the name {name!r}.')
        self.bytes += len(data) - len(self.files.get(name, b''))
        self.files[name] = data
        if len(self.files) > FILES_MAX or self.bytes > TREE_BYTES_MAX:
            raise Failed(f'The packages have more than {FILES_MAX} files or {TREE_BYTES_MAX} bytes.')

    def write(self):
        for name in self.files:
            for at in (i for i, c in enumerate(name) if c == '/'):
                if name[:at] in self.files:
                    raise Failed(f'The packages have {name[:at]!r} as a file and as a directory.')
        with open('.tree', 'wb') as out:
            for name, data in sorted(self.files.items()):
                text = name.encode()
                out.write(struct.pack('<II', len(text), len(data)) + text + data)


# --- Python: the simple index (PEP 503, 691), wheels only ---

JSON_PAGE = 'application/vnd.pypi.simple.v1+json, text/html;q=0.2'


class Links(html.parser.HTMLParser):
    """The older form of a page of the index."""

    def __init__(self, base):
        super().__init__()
        self.base, self.files = base, []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag != 'a' or not attrs.get('href'):
            return
        url, fragment = urllib.parse.urldefrag(urllib.parse.urljoin(self.base, attrs['href']))
        algorithm, _, digest = fragment.partition('=')
        self.files.append({'filename': urllib.parse.unquote(url.rsplit('/', 1)[-1]), 'url': url, 'hashes': {algorithm: digest} if digest else {},
                           'requires-python': attrs.get('data-requires-python'), 'yanked': 'data-yanked' in attrs,
                           'core-metadata': 'data-core-metadata' in attrs or 'data-dist-info-metadata' in attrs})


class Python:
    def __init__(self, got, index, manifest):
        try:
            from packaging import markers, requirements, specifiers, tags, utils, version
        except ImportError:
            raise Failed("This server's Python lacks its module 'packaging'.") from None
        self.markers, self.requirements, self.specifiers, self.utils, self.version = markers, requirements, specifiers, utils, version
        self.ranks = {tag: rank for rank, tag in enumerate(tags.sys_tags())}
        self.got, self.index, self.pages, self.picks, self.needs = got, index, {}, {}, {}
        self.roots = [self.requirement(line) for line in self.lines(manifest)]

    @staticmethod
    def lines(text):
        for line in text.replace('\\\n', ' ').splitlines():
            line = re.sub(r'(^|\s)#.*', '', line).strip()
            line = re.sub(r'\s--hash=\S+', '', line)
            if line.startswith('-'):
                raise Failed(f'Options of pip are not taken in requirements.txt: {line[:100]}')
            if line:
                yield line

    def requirement(self, text):
        try:
            found = self.requirements.Requirement(text)
        except self.requirements.InvalidRequirement as e:
            raise Failed(f'{text[:100]!r} is no requirement: {str(e).splitlines()[0]}') from None
        if found.url:
            raise Failed(f'Packages come from the index only, not from an address: {text[:100]}')
        return found

    def installed(self, name):
        import importlib.metadata
        try:
            return self.version.Version(importlib.metadata.version(name))
        except (importlib.metadata.PackageNotFoundError, self.version.InvalidVersion, TypeError):
            return None

    def page(self, name):
        """Its wheels that fit here: (version, rank of tags, file), or None as long as it is not known."""
        if name in self.pages:
            return self.pages[name]
        url = f'{self.index}{name}/'
        data = self.got.get(url, JSON_PAGE)
        if data is None:
            return None
        try:
            files = [{**file, 'url': urllib.parse.urljoin(url, file['url'])} for file in json.loads(data)['files']]
        except ValueError:
            links = Links(url)
            links.feed(data.decode('utf-8', 'replace'))
            files = links.files
        self.pages[name] = [row for row in map(self.wheel, files) if row]
        return self.pages[name]

    def wheel(self, file):
        try:
            _, version, build, tags = self.utils.parse_wheel_filename(file['filename'])
            if file.get('yanked') or not self.specifiers.SpecifierSet(file.get('requires-python') or '').contains(
                    self.version.Version('%d.%d.%d' % sys.version_info[:3])):
                return None
        except (self.utils.InvalidWheelFilename, self.version.InvalidVersion, self.specifiers.InvalidSpecifier):
            return None
        ranks = [self.ranks[tag] for tag in tags if tag in self.ranks]
        return (version, build, min(ranks), file) if ranks else None

    def pick(self, name, wants):
        """The best wheel for all who want the package; None: not known yet; False: what is installed will do."""
        both = self.specifiers.SpecifierSet(','.join(str(want.specifier) for want, _ in wants if str(want.specifier)))
        here = self.installed(name)
        if here is not None and both.contains(here, prereleases=True):
            return False
        rows = self.page(name)
        if rows is None:
            return None
        versions = set(both.filter({row[0] for row in rows}))
        fitting = [row for row in rows if row[0] in versions]
        if not fitting:
            asked = '; '.join(f'{who} wants {want}' for want, who in wants)
            raise Failed(f'The index has no wheel of {name} for this Python that all can use: {asked}.')
        return max(fitting, key=lambda row: (row[0], -row[2], row[1]))[3]

    def metadata(self, file):
        """The requirements of a wheel; None: not known yet. The index may have them beside it (PEP 658)."""
        if file['url'] in self.needs:
            return self.needs[file['url']]
        beside = file.get('core-metadata') or file.get('dist-info-metadata')
        if beside:
            data = self.got.get(file['url'] + '.metadata', missing_ok=True)
            if data is None:
                return None
            if data and isinstance(beside, dict) and beside.get('sha256'):
                check(data, 'sha256', beside['sha256'], f"The metadata of {file['filename']}")
        if not beside or not data:
            archive = self.archive(file)
            if archive is None:
                return None
            names = [name for name in archive.namelist() if re.fullmatch(r'[^/]+\.dist-info/METADATA', name)]
            data = archive.read(names[0]) if names else b''
        import email.parser
        message = email.parser.HeaderParser().parsestr(data.decode('utf-8', 'replace'))
        self.needs[file['url']] = [self.requirement(text) for text in message.get_all('Requires-Dist') or []]
        return self.needs[file['url']]

    def archive(self, file):
        data = self.got.get(file['url'])
        if data is None:
            return None
        digest = (file.get('hashes') or {}).get('sha256')
        if not digest:
            raise Failed(f"The index has no sha256 of {file['filename']}.")
        check(data, 'sha256', digest, file['filename'])
        return zipfile.ZipFile(io.BytesIO(data))

    def applies(self, requirement, extras):
        return not requirement.marker or any(requirement.marker.evaluate({'extra': extra}) for extra in ('', *extras))

    def settle(self):
        """From the roots down, again and again until nobody wants what nobody wanted before. True: all is known."""
        wants, before, known = {}, None, True
        for _ in range(PASSES_MAX):
            if wants and wants.keys() == (before or {}).keys() and {n: set(map(str, (w for w, _ in ws))) for n, ws in wants.items()} == before:
                return known
            before = {n: set(map(str, (w for w, _ in ws))) for n, ws in wants.items()}
            wants, known = self.walk(wants)
        raise Failed('What the packages want of each other does not come to rest.')

    def walk(self, before):
        """One pass: who wants what, when each package is the best one for those that wanted it in the pass before."""
        wants, known, waiting = {}, True, [(requirement, 'requirements.txt') for requirement in self.roots if self.applies(requirement, ())]
        self.picks = {}
        while waiting:
            requirement, who = waiting.pop()
            name = self.utils.canonicalize_name(requirement.name)
            rows = wants.setdefault(name, [])
            if any(str(want) == str(requirement) for want, _ in rows):
                continue
            rows.append((requirement, who))
            all_rows = rows + [row for row in before.get(name, ()) if str(row[0]) not in {str(want) for want, _ in rows}]
            file = self.pick(name, all_rows)
            needs = file and self.metadata(file)
            known &= file is not None and (file is False or needs is not None)
            self.picks[name] = file
            for need in needs or ():
                if self.applies(need, requirement.extras):
                    waiting.append((need, name))
        return wants, known

    def build(self, tree):
        """True if all was there."""
        if not self.roots or not self.settle():
            return not self.roots
        archives = [self.archive(file) for file in self.picks.values() if file]
        if None in archives:
            return False
        for archive in archives:
            unpack_wheel(archive, tree)
        return True


def unpack_wheel(archive, tree):
    """What would be in site-packages: no scripts, no headers, no data. Bytecode is of another place."""
    if sum(info.file_size for info in archive.infolist()) > UNPACKED_BYTES_MAX:
        raise Failed('A wheel is too large when it is unpacked.')
    for info in archive.infolist():
        name = info.filename
        if '.data/' in name:
            kind = re.fullmatch(r'[^/]+\.data/(?:purelib|platlib)/(.+)', name)
            if not kind:
                continue
            name = kind.group(1)
        if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16) and not name.endswith('.pyc'):
            tree.add(name, archive.read(info))


# --- npm: the registry's documents, tarballs ---

ABBREVIATED = 'application/vnd.npm.install-v1+json, application/json;q=0.8'


def npm_version(text):
    match = re.fullmatch(r'[v=\s]*(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?', text)
    if not match:
        return None
    words = tuple((0, int(w), '') if w.isdigit() else (1, 0, w) for w in match.group(4).split('.')) if match.group(4) else None
    return tuple(int(n) for n in match.groups()[:3]), words


def npm_key(version):
    """A version without words behind it is after those with."""
    numbers, words = version
    return numbers, words is None, words or ()


def npm_partial(text):
    """'1.x' -> [1]; words of a pre-release stay with a whole version."""
    match = re.fullmatch(r'[v=]*([\dxX*]+)?(?:\.([\dxX*]+))?(?:\.([\dxX*]+))?(-[0-9A-Za-z.-]+)?(?:\+\S*)?', text)
    if not match:
        raise Failed(f'{text[:60]!r} is no version of npm.')
    numbers = []
    for part in match.groups()[:3]:
        if part is None or not part.isdigit():
            break
        numbers.append(int(part))
    words = npm_version('0.0.0' + match.group(4))[1] if match.group(4) and len(numbers) == 3 else None
    return numbers, words


def npm_up(numbers, at):
    """The first version that is beyond all that begin with numbers[:at + 1]."""
    return (tuple([*numbers[:at], numbers[at] + 1] + [0] * (2 - at)), ((0, 0, ''),))


def npm_comparators(word):
    """(operator, version) pairs of one word of a range; all must hold."""
    operator, text = re.fullmatch(r'(\^|~>?|>=|<=|>|<|=)?(.*)', word, re.DOTALL).groups()
    numbers, words = npm_partial(text)
    whole = (tuple(numbers + [0] * (3 - len(numbers))), words)
    if not numbers:
        return [('<', ((0, 0, 0), ((0, 0, ''),)))] if operator in ('<', '>') else []
    if operator == '^':
        at = next((i for i, n in enumerate(numbers) if n), len(numbers) - 1)
        return [('>=', whole), ('<', npm_up(numbers, at))]
    if operator in ('~', '~>'):
        return [('>=', whole), ('<', npm_up(numbers, min(1, len(numbers) - 1)))]
    if len(numbers) < 3:
        end = npm_up(numbers, len(numbers) - 1)
        return {'>=': [('>=', whole)], '<': [('<', (whole[0], ((0, 0, ''),)))], '>': [('>=', (end[0], None))], '<=': [('<', end)]}.get(
            operator, [('>=', whole), ('<', end)])
    return [(operator or '=', whole)]


def npm_ranges(text):
    """Alternatives, each a list of comparators."""
    for part in text.split('||'):
        part = re.sub(r'(\S+)\s+-\s+(\S+)', r'>=\1 <=\2', part.strip())
        part = re.sub(r'(\^|~>?|>=|<=|>|<|=)\s+', r'\1', part)
        yield [pair for word in part.split() for pair in npm_comparators(word)]


def npm_holds(version, operator, bound):
    a, b = npm_key(version), npm_key(bound)
    return {'=': a == b, '<': a < b, '>': a > b, '<=': a <= b, '>=': a >= b}[operator]


def npm_fits(version, text):
    """A pre-release only fits where one of the same numbers is named."""
    for pairs in npm_ranges(text):
        named = version[1] is None or any(bound[0] == version[0] and bound[1] and bound[1] != ((0, 0, ''),) for _, bound in pairs)
        if named and all(npm_holds(version, *pair) for pair in pairs):
            return True
    return False


class Npm:
    def __init__(self, got, index, manifest):
        self.got, self.index, self.placed, self.pages = got, index, {}, {}
        try:
            self.roots = json.loads(manifest).get('dependencies') or {}
            if not all(isinstance(value, str) for value in self.roots.values()):
                raise ValueError
        except (ValueError, AttributeError):
            raise Failed('package.json is not as npm has it.') from None

    def page(self, name):
        if name not in self.pages:
            if not re.fullmatch(r'(@[A-Za-z0-9._~-]+/)?[A-Za-z0-9_~-][A-Za-z0-9._~-]*', name) or len(name) > 214:
                raise Failed(f'{name[:100]!r} is no name of a package.')
            data = self.got.get(self.index + name.replace('/', '%2F'), ABBREVIATED)
            if data is None:
                return None
            self.pages[name] = json.loads(data)
        return self.pages[name]

    def pick(self, name, wanted, who):
        """The entry of the highest version that fits; None: not known yet."""
        real = re.fullmatch(r'npm:(@?[^@]+)(?:@(.*))?', wanted)
        name, wanted = (real.group(1), real.group(2) or '*') if real else (name, wanted.strip())
        if re.search(r'[:/]', wanted):
            raise Failed(f'Packages come from the registry only: {who} wants {name} from {wanted[:100]}')
        page = self.page(name)
        if page is None:
            return None
        entries = page.get('versions') or {}
        tagged = (page.get('dist-tags') or {}).get(wanted or 'latest')
        if tagged in entries:
            return entries[tagged]
        if re.fullmatch(r'[A-Za-z][A-Za-z0-9-]*', wanted) and wanted not in 'xX':
            raise Failed(f'The registry has no {name}@{wanted}, which {who} wants.')
        rows = [(npm_version(text), entry) for text, entry in entries.items()]
        rows = [row for row in rows if row[0] and npm_fits(row[0], wanted)]
        if not rows:
            raise Failed(f'The registry has no {name} that fits {wanted!r}, which {who} wants.')
        return max(rows, key=lambda row: (not row[1].get('deprecated'), npm_key(row[0])))[1]

    def seen_from(self, place, name):
        """The package of that name that code at a place finds, as Node.js looks for it."""
        while True:
            found = self.placed.get((*place, name))
            if found or not place:
                return found
            place = place[:-1]

    def settle(self):
        """Places every package as far up as nothing else is in its way. True: all is known."""
        known, waiting = True, [((), name, wanted, 'package.json') for name, wanted in sorted(self.roots.items())]
        for place, name, wanted, who in waiting:
            there = self.seen_from(place, name)
            if there and npm_version(there['version']) and not re.search(r'[:/]', wanted) and self.is_fine(there, wanted):
                continue
            entry = self.pick(name, wanted, who)
            if entry is None:
                known = False
                continue
            spot = place
            while spot and (*spot[:-1], name) not in self.placed:
                spot = spot[:-1]
            self.placed[(*spot, name)] = entry
            if len(self.placed) > 500:
                raise Failed('There are more than 500 packages.')
            optional = entry.get('peerDependenciesMeta') or {}
            peers = {n: w for n, w in (entry.get('peerDependencies') or {}).items() if not optional.get(n, {}).get('optional')}
            waiting += [((), n, w, name) for n, w in sorted(peers.items()) if not self.seen_from((*spot, name), n)]
            waiting += [((*spot, name), n, w, name) for n, w in sorted((entry.get('dependencies') or {}).items())
                        if n not in (entry.get('optionalDependencies') or {})]
        return known

    @staticmethod
    def is_fine(entry, wanted):
        if re.fullmatch(r'[A-Za-z][A-Za-z0-9-]*', wanted) and wanted not in 'xX':
            return wanted == 'latest'
        return npm_fits(npm_version(entry['version']), wanted)

    def tarball(self, name, entry):
        dist = entry.get('dist') or {}
        data = self.got.get(str(dist.get('tarball')))
        if data is None:
            return None
        strong = re.search(r'sha512-([A-Za-z0-9+/=]+)', dist.get('integrity') or '')
        digest = base64.b64decode(strong.group(1)).hex() if strong else dist.get('shasum')
        if not digest:
            raise Failed(f'The registry has no integrity of {name}.')
        check(data, 'sha512' if strong else 'sha1', digest, f"{name} {entry.get('version')}")
        return data

    def build(self, tree):
        if not self.settle():
            return False
        tarballs = {place: self.tarball(place[-1], entry) for place, entry in self.placed.items()}
        if None in tarballs.values():
            return False
        for place, data in tarballs.items():
            unpack_tarball(data, '/'.join(f'node_modules/{name}' for name in place), tree)
        return True


def unpack_tarball(data, place, tree):
    """Regular files below the one directory that every package has."""
    total = 0
    with tarfile.open(fileobj=io.BytesIO(data), mode='r:*') as archive:
        for member in archive:
            total += member.size
            if total > UNPACKED_BYTES_MAX:
                raise Failed('A package is too large when it is unpacked.')
            name = member.name.removeprefix('./').partition('/')[2]
            if member.isreg() and name:
                tree.add(f'{place}/{name}', archive.extractfile(member).read())


def answer(value):
    with open('.answer.json', 'w', encoding='utf-8') as file:
        json.dump(value, file)


def main():
    with open('.ask.json', encoding='utf-8') as file:
        ask = json.load(file)
    got, tree = Got(), Tree()
    try:
        if {'python': Python, 'npm': Npm}[ask['kind']](got, ask['index'], ask['manifest']).build(tree):
            tree.write()
            answer({'done': True})
        else:
            answer({'need': sorted(got.wanted.items())})
    except Failed as e:
        answer({'error': str(e)[:900]})
    except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile, tarfile.TarError) as e:
        answer({'error': f'What the index has given cannot be read: {type(e).__name__}: {e}'[:900]})


main()
