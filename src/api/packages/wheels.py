# SPDX-License-Identifier: Apache-2.0
# requirements.txt: wheels of a simple index (PEP 503, 691). Which versions all agree on is found by resolvelib, as pip does
# it, from what has come of the index so far. What has not come yet is taken for fine, and wanted: so each look at the whole
# wants much at once, and what does not go together now never will.
import collections
import email.parser
import functools
import hashlib
import html.parser
import importlib.metadata
import io
import json
import re
import stat
import sys
import urllib.parse
import zipfile

from index import MISSING, STRONG, UNPACKED_BYTES_MAX, Failed, check
from packaging import tags, utils
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from resolvelib import AbstractProvider, BaseReporter, ResolutionImpossible, ResolutionTooDeep, Resolver

PINS_MAX = 20000  # packages put into the picture and taken out of it again
AHEAD_MAX = 32
AHEAD_BYTES_MAX = 256 << 10
JSON_PAGE = 'application/vnd.pypi.simple.v1+json, text/html;q=0.2'
MANIFEST = 'requirements.txt'

Wheel = collections.namedtuple('Wheel', 'version build rank yanked url')
# What may be taken for a package: url, of a wheel, is None of what the image has, and version of what is not known yet.
Candidate = collections.namedtuple('Candidate', 'name extras version url')


class Never(collections.namedtuple('Never', 'words')):
    """What a package wants and cannot have."""

    def __str__(self):
        return f'({self.words})'


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


def read_page(data, url):
    try:
        return [{'hashes': {}, **file, 'url': urllib.parse.urljoin(url, file['url'])} for file in json.loads(data)['files']]
    except ValueError:
        links = Links(url)
        links.feed(data.decode('utf-8', 'replace'))
        return links.files


# --- requirements.txt ---

def lines(text):
    """(requirement, [(algorithm, digits)]) of each."""
    for line in text.replace('\\\n', ' ').splitlines():
        line = re.sub(r'(^|\s)#.*', '', line).strip()
        words = re.split(r'\s+(?=--)', line)
        options = [words.pop(0)] if line.startswith('-') else []
        options += [word for word in words[1:] if not word.startswith('--hash')]
        if options:
            raise Failed(f'Options of pip are not taken in {MANIFEST}: {options[0][:100]}')
        if line:
            yield parse(words[0]), [read_hash(word) for word in words[1:]]


def read_hash(word):
    match = re.fullmatch(r'--hash[=\s]\s*(\w+):([0-9A-Fa-f]+)', word)
    if not match or match.group(1) not in STRONG:
        raise Failed(f'{word[:100]!r} is no --hash of {", ".join(STRONG)}.')
    return match.group(1), match.group(2).lower()


def parse(text):
    try:
        found = Requirement(text)
    except InvalidRequirement as e:
        raise Failed(f'{text[:100]!r} is no requirement: {str(e).splitlines()[0]}') from None
    if found.url:
        raise Failed(f'Packages come from the index only, not from an address: {text[:100]}')
    return found


def applies(requirement, extras=()):
    return not requirement.marker or any(requirement.marker.evaluate({'extra': extra}) for extra in ('', *extras))


def wanted_by(texts, extras):
    """What a package's own words say it needs. Those that cannot be read are of no extra, or nobody's business."""
    for text in texts:
        try:
            found = parse(text)
        except Failed as e:
            if not re.search(r'\bextra\b', text):
                yield Never(str(e))
            continue
        if applies(found, extras):
            yield found


@functools.cache
def installed(name):
    try:
        return Version(importlib.metadata.version(name))
    except (importlib.metadata.PackageNotFoundError, ValueError, TypeError):
        return None


# --- the index ---

class Index:
    def __init__(self, got, url, hashes):
        self.got, self.url, self.hashes = got, url, hashes
        self.ranks = {tag: rank for rank, tag in enumerate(tags.sys_tags())}
        self.python = Version('%d.%d.%d' % sys.version_info[:3])
        self.pages, self.files, self.pythons, self.notes = {}, {}, {}, {}

    def page(self, name):
        """The wheels of a package that are for this Python, the best of a version first; None as long as it is not known."""
        if name not in self.pages:
            url = f'{self.url}{name}/'
            data = b'' if self.got.status(url) in MISSING else self.got.get(url, JSON_PAGE)
            if data is None:
                return None
            self.pages[name] = self.read(name, read_page(data, url) if data else [])
        return self.pages[name]

    def read(self, name, files):
        wheels = [file for file in files if file['filename'].endswith('.whl')]
        fitting = [row for row in map(self.wheel, wheels) if row]
        allowed = [row for row in fitting if self.is_allowed(name, self.files[row.url])]
        self.notes[name] = (f'the index has no package of the name {name}' if not files else
                            f'of {name} the index has only sources, which are not built' if not wheels else
                            f'no wheel of {name} is for this Python, {self.python}' if not fitting else
                            f'{name} has no --hash in {MANIFEST}, where others have one' if name not in self.hashes and self.hashes else
                            f'no wheel of {name} that is for this Python has the --hash of {MANIFEST}' if not allowed else
                            f'of {name} there is ' + ', '.join(map(str, sorted({row.version for row in allowed}, reverse=True)[:5])) +
                            (f' with a --hash of {MANIFEST}' if name in self.hashes else ''))
        return sorted(allowed, key=lambda row: (row.version, -row.rank, row.build), reverse=True)

    def runs_here(self, requires):
        if requires not in self.pythons:
            try:
                self.pythons[requires] = self.python in SpecifierSet(requires or '')
            except InvalidSpecifier:
                self.pythons[requires] = False
        return self.pythons[requires]

    def wheel(self, file):
        try:
            _, version, build, names = utils.parse_wheel_filename(file['filename'])
        except (utils.InvalidWheelFilename, InvalidVersion):
            return None
        ranks = [self.ranks[tag] for tag in names if tag in self.ranks]
        if not ranks or not self.runs_here(file.get('requires-python')):
            return None
        self.files[file['url']] = file
        return Wheel(version, build, min(ranks), bool(file.get('yanked')), file['url'])

    def is_allowed(self, name, file):
        """By the manifest's hashes, as far as the index says the same kind of hash; otherwise its bytes will tell."""
        said = [(kind, str(digits).lower()) for kind, digits in file['hashes'].items()]
        wanted = self.hashes.get(name, [])
        if {kind for kind, _ in said} & {kind for kind, _ in wanted}:
            return any(row in wanted for row in said)
        return bool(wanted) or not self.hashes

    def metadata(self, name, url):
        """What a wheel wants of others; None: not known yet. The index may have it beside the wheel (PEP 658, 714)."""
        file = self.files[url]
        beside, data = said_beside(file), b''
        if self.got.status(self.told_by(url)) is None:
            self.look_ahead(name, self.told_by(url))
        if beside:
            data = self.got.get(url + '.metadata', missing_ok=True)
            if data and isinstance(beside, dict):
                check(data, beside, f"The metadata of {file['filename']}")
        if data == b'':
            archive = self.archive(name, url)
            data = archive and read_metadata(archive)
        if data is None:
            return None
        return email.parser.HeaderParser().parsestr(data.decode('utf-8', 'replace')).get_all('Requires-Dist') or []

    def told_by(self, url):
        """Where it says what it wants."""
        return url + '.metadata' if said_beside(self.files[url]) else url

    def look_ahead(self, name, asked):
        """Who has looked at some versions in vain will look at older ones: as many again are wanted with this one, if small."""
        urls = [self.told_by(row.url) for row in self.page(name)]
        tried = [url for url in urls if self.got.status(url) is not None]
        if all(self.got.size(url) <= AHEAD_BYTES_MAX for url in tried):
            for older in urls[urls.index(asked) + 1:][:min(len(tried), AHEAD_MAX)]:
                self.got.get(older, missing_ok=True)

    def archive(self, name, url):
        data, file, wanted = self.got.get(url), self.files[url], self.hashes.get(name)
        if data is None:
            return None
        digests = {kind: digits for kind, digits in file['hashes'].items() if kind in STRONG}
        if digests or not wanted:
            check(data, digests, file['filename'])
        if wanted and not any(hashlib.new(kind, data).hexdigest() == digits for kind, digits in wanted):
            raise Failed(f"{file['filename']} has none of the hashes that {MANIFEST} says.")
        return zipfile.ZipFile(io.BytesIO(data))


def said_beside(file):
    return file.get('core-metadata') or file.get('dist-info-metadata')


def read_metadata(archive):
    names = [name for name in archive.namelist() if re.fullmatch(r'[^/]+\.dist-info/METADATA', name)]
    return archive.read(names[0]) if names else b''


# --- which versions ---

class Provider(AbstractProvider):
    def __init__(self, index):
        self.index, self.found, self.order = index, {}, {}

    def identify(self, requirement_or_candidate):
        it = requirement_or_candidate
        if isinstance(it, Never):
            return it
        return utils.canonicalize_name(it.name), frozenset(map(utils.canonicalize_name, it.extras))

    def get_preference(self, identifier, resolutions, candidates, information, backtrack_causes):
        """What could not be had before, then what leaves no choice, then in the order in which they were wanted."""
        causes = {self.identify(cause.requirement) for cause in backtrack_causes}
        pinned = any(spec.operator in ('==', '===') for row in information[identifier] for spec in getattr(row.requirement, 'specifier', ()))
        return identifier not in causes, not pinned, self.order.setdefault(identifier, len(self.order))

    def find_matches(self, identifier, requirements, incompatibilities):
        """What the image has before what the index has, which is not asked before it has to be; newer before older."""
        if isinstance(identifier, Never):
            return []
        bad, specifiers = set(incompatibilities[identifier]), {str(want.specifier) for want in requirements[identifier]} - {''}
        wanted = *identifier, SpecifierSet(','.join(sorted(specifiers)))
        return lambda: (row for look in (self.of_image, self.of_index) for row in look(*wanted) if row not in bad)

    def of_image(self, name, extras, specifiers):
        here = installed(name)
        return [Candidate(name, extras, here, None)] if here is not None and specifiers.contains(here, prereleases=True) else []

    def of_index(self, name, extras, specifiers):
        key = name, extras, specifiers
        if key not in self.found:
            self.found[key] = self.look(*key)
        return self.found[key]

    def look(self, name, extras, specifiers):
        page = self.index.page(name)
        if page is None:
            return [Candidate(name, extras, None, None)]
        pinned = any(spec.operator in ('==', '===') and not spec.version.endswith('.*') for spec in specifiers)
        best = {row.version: row for row in reversed(page) if pinned or not row.yanked}  # PEP 592
        fitting = set(specifiers.filter(best))
        return [Candidate(name, extras, row.version, row.url) for row in page if row.version in fitting and best[row.version] is row]

    def is_satisfied_by(self, requirement, candidate):
        return candidate.version is None or requirement.specifier.contains(candidate.version, prereleases=True)

    def get_dependencies(self, candidate):
        """One with extras is a package of its own, which wants the very same version of the one without."""
        if candidate.version is None:
            return [Requirement(candidate.name)] if candidate.extras else []
        if candidate.url:
            texts = self.index.metadata(candidate.name, candidate.url) or []
        else:  # the image was put together by its makers: what it does not have it does not need
            texts = [text for text in importlib.metadata.requires(candidate.name) or []
                     if re.search(r'\bextra\b', text) or installed(re.match(r'[\w.-]*', text).group())]
        same = [Requirement(f'{candidate.name}=={candidate.version}')] if candidate.extras else []
        return same + list(wanted_by(texts, candidate.extras))


def reason(cause):
    who = f'{cause.parent.name} {cause.parent.version}' if cause.parent else MANIFEST
    return f'{who} {"cannot be used" if isinstance(cause.requirement, Never) else "wants"} {cause.requirement}'


class Python:
    def __init__(self, got, index, manifest):
        hashes = collections.defaultdict(list)
        self.got, self.roots = got, []
        for requirement, digests in lines(manifest):
            if applies(requirement):
                self.roots.append(requirement)
                hashes[utils.canonicalize_name(requirement.name)] += digests
        self.index = Index(got, index, {name: rows for name, rows in hashes.items() if rows})

    def settle(self):
        """The wheels, when all is known."""
        try:
            found = Resolver(Provider(self.index), BaseReporter()).resolve(self.roots, PINS_MAX).mapping
        except ResolutionImpossible as e:
            raise Failed(self.explain(e.causes)) from None
        except ResolutionTooDeep:
            raise Failed('Which versions go together could not be found in this time: name some of them with ==.') from None
        return {row.name: row.url for row in found.values() if row.url}

    def explain(self, causes):
        """The reasons, but no more of them than somebody would read."""
        reasons = list(dict.fromkeys(map(reason, causes)))
        names = dict.fromkeys(utils.canonicalize_name(cause.requirement.name) for cause in causes if not isinstance(cause.requirement, Never))
        notes = '; '.join(self.index.notes[name] for name in names if name in self.index.notes)
        return ('No version will do: ' if len(reasons) == 1 else 'No versions go together: ') + '; '.join(reasons[:4]) + (f' ({notes}).' if notes else '.')

    def build(self, tree):
        """True if all was there."""
        wheels = self.settle()
        archives = [] if self.got.wanted else [self.index.archive(*row) for row in wheels.items()]
        if self.got.wanted:
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
