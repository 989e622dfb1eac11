# SPDX-License-Identifier: Apache-2.0
# package.json: the documents of npm's registry, tarballs.
import base64
import io
import json
import re
import tarfile

from index import MISSING, STRONG, UNPACKED_BYTES_MAX, Failed, check

ABBREVIATED = 'application/vnd.npm.install-v1+json, application/json;q=0.8'
# Registries that stand in for this one often leave its name in their documents; npm then asks them all the same
# (replace-registry-host).
PUBLIC = 'https://registry.npmjs.org/'


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


def npm_is_tag(wanted):
    return re.fullmatch(r'[A-Za-z][A-Za-z0-9-]*', wanted) and wanted not in 'xX'


def npm_suits(entry, wanted):
    """Whether a package that has a place already will do for one more."""
    if re.search(r'[:/]', wanted) or not npm_version(entry['version']):
        return False
    return wanted == 'latest' if npm_is_tag(wanted) else npm_fits(npm_version(entry['version']), wanted)


def npm_digests(dist):
    """Of a tarball: https://www.w3.org/TR/SRI/, or what npm had before."""
    rows = [word.partition('?')[0].partition('-') for word in (dist.get('integrity') or '').split()]
    found = {kind: base64.b64decode(digits).hex() for kind, _, digits in rows if kind in (*STRONG, 'sha1')}
    return found or {'sha1': dist.get('shasum')}


class Npm:
    """Names below node_modules, from the outside to the inside, are the place of a package."""

    def __init__(self, got, index, manifest):
        self.got, self.index, self.placed, self.pages, self.users = got, index, {}, {}, []
        try:
            self.roots = json.loads(manifest).get('dependencies') or {}
            if not all(isinstance(value, str) for value in self.roots.values()):
                raise ValueError
        except (ValueError, AttributeError):
            raise Failed('package.json is not as npm has it.') from None

    def page(self, name, who):
        if name not in self.pages:
            if not re.fullmatch(r'(@[A-Za-z0-9._~-]+/)?[A-Za-z0-9_~-][A-Za-z0-9._~-]*', name) or len(name) > 214:
                raise Failed(f'{name[:100]!r} is no name of a package.')
            url = self.index + name.replace('/', '%2F')
            if self.got.status(url) in MISSING:
                raise Failed(f'The registry has no package of the name {name}, which {who} wants.')
            data = self.got.get(url, ABBREVIATED)
            if data is None:
                return None
            self.pages[name] = json.loads(data)
        return self.pages[name]

    def pick(self, name, wanted, who):
        """The entry of the best version that fits, the registry's own choice before newer ones; None: not known yet."""
        real = re.fullmatch(r'npm:(@?[^@]+)(?:@(.*))?', wanted)
        name, wanted = (real.group(1), real.group(2) or '*') if real else (name, wanted.strip())
        if re.search(r'[:/]', wanted):
            raise Failed(f'Packages come from the registry only: {who} wants {name} from {wanted[:100]}')
        page = self.page(name, who)
        if page is None:
            return None
        entries, named = page.get('versions') or {}, page.get('dist-tags') or {}
        if named.get(wanted or 'latest') in entries:
            return entries[named[wanted or 'latest']]
        if npm_is_tag(wanted):
            raise Failed(f'The registry has no {name}@{wanted}, which {who} wants.')
        rows = [(npm_version(text), entry, text == named.get('latest')) for text, entry in entries.items()]
        rows = [row for row in rows if row[0] and npm_fits(row[0], wanted)]
        if not rows:
            there = ', '.join(list(entries)[:-6:-1])
            raise Failed(f'The registry has no {name} that fits {wanted!r}, which {who} wants (there is {there}).')
        return max(rows, key=lambda row: (not row[1].get('deprecated'), row[2], npm_key(row[0])))[1]

    def seen_from(self, place, name):
        """Where code at a place finds the package of that name, as Node.js looks for it; None: nowhere."""
        spots = ((*place[:depth], name) for depth in range(len(place), -1, -1))
        return next((spot for spot in spots if spot in self.placed), None)

    def may_be_in(self, place, name, entry):
        """Nothing else is there, and nobody who is content with one further out would find this one and not be."""
        hidden = (wanted for user, of, wanted in self.users if of == name and user[:len(place)] == place and
                  len(self.seen_from(user, name) or ()) <= len(place))
        return (*place, name) not in self.placed and all(npm_suits(entry, wanted) for wanted in hidden)

    def put(self, place, name, entry, wanted, who):
        """As far up as nothing else is in its way."""
        there = self.placed.get((*place, name))
        if there:
            raise Failed(f"{who} wants {name} {wanted} beside it, where {name} {there['version']} is.")
        while place and self.may_be_in(place[:-1], name, entry):
            place = place[:-1]
        self.placed[(*place, name)] = entry
        if len(self.placed) > 500:
            raise Failed('There are more than 500 packages.')
        return *place, name

    def needs(self, spot, name, entry):
        """(place, name, what is wanted, who), peers last: they are to be found beside it."""
        optional, more = entry.get('peerDependenciesMeta') or {}, entry.get('optionalDependencies') or {}
        yield from ((spot, n, w, name) for n, w in sorted((entry.get('dependencies') or {}).items()) if n not in more)
        yield from ((spot[:-1], n, w, name) for n, w in sorted((entry.get('peerDependencies') or {}).items())
                    if not optional.get(n, {}).get('optional'))

    def settle(self):
        """Gives every package its place. True: all is known; as long as it is not, places are not the last ones, and may clash."""
        known, clash, waiting = True, None, [((), name, wanted, 'package.json') for name, wanted in sorted(self.roots.items())]
        for place, name, wanted, who in waiting:
            there = self.seen_from(place, name)
            if not there or not npm_suits(self.placed[there], wanted):
                entry = self.pick(name, wanted, who)
                if entry is None:
                    known = False
                    continue
                try:
                    waiting += self.needs(self.put(place, name, entry, wanted, who), name, entry)
                except Failed as e:
                    clash = clash or e
            self.users.append((place, name, wanted))
        if known and clash:
            raise clash
        return known

    def tarball(self, name, entry):
        dist = entry.get('dist') or {}
        url = str(dist.get('tarball'))
        data = self.got.get(self.index + url.removeprefix(PUBLIC) if url.startswith(PUBLIC) else url)
        if data is not None:
            check(data, npm_digests(dist), f"{name} {entry.get('version')}")
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
