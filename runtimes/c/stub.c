/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ld.bfd reads of a shared library is its section headers, dynamic symbols with their
 * versions, and its name (DT_SONAME). A stub has the same section headers, so that every symbol
 * keeps its section, address and alignment (on which copy relocations depend), and of the symbols
 *   - the default versions of those that the objects name, whether they define or use them: of a
 * symbol that both the program and a library define the linker exports the program's;
 *   - the aliases of the variables among them: `environ` is also `__environ`, and both must become
 * the program's copy;
 *   - the undefined ones that the objects name.
 * The library itself is used when the program runs; the stub has its name and version definitions.
 */
#include "stub.h"

#include <ar.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION_HIDDEN 0x8000 /* of a version symbol: not the default */
#define NAMES_MAX      (1u << 20)

/* --- files --- */

struct file {
	const unsigned char *data;
	size_t size;
	const Elf64_Ehdr *header;
	const Elf64_Shdr *sections;
	const char *section_names;
};

static bool in_file(const struct file *file, uint64_t offset, uint64_t size)
{
	return offset <= file->size && size <= file->size - offset;
}

static bool read_headers(struct file *file, unsigned type)
{
	const Elf64_Ehdr *header = (const void *)file->data;

	if (file->size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_type != type || header->e_machine != EM_X86_64)
		return false;
	uint64_t size = (uint64_t)header->e_shnum * sizeof(Elf64_Shdr);
	/* with more than 65279 sections the numbers are elsewhere: none of ours */
	if (header->e_shnum == 0 || header->e_shentsize != sizeof(Elf64_Shdr) ||
	    header->e_shstrndx >= header->e_shnum || !in_file(file, header->e_shoff, size))
		return false;
	file->header = header;
	file->sections = (const void *)(file->data + header->e_shoff);
	for (unsigned i = 0; i < header->e_shnum; i++)
		if (file->sections[i].sh_type != SHT_NOBITS &&
		    !in_file(file, file->sections[i].sh_offset, file->sections[i].sh_size))
			return false;
	file->section_names =
	    (const char *)file->data + file->sections[header->e_shstrndx].sh_offset;
	return true;
}

/* Mapped until the process ends. */
static bool file_map(struct file *file, const char *path, unsigned type)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return false;
	void *data = fstat(fd, &st) == 0 && st.st_size > 0
			 ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
			 : MAP_FAILED;
	close(fd);
	if (data == MAP_FAILED)
		return false;
	*file = (struct file){.data = data, .size = (size_t)st.st_size};
	return read_headers(file, type);
}

static const Elf64_Shdr *section_of_type(const struct file *file, uint32_t type)
{
	for (unsigned i = 1; i < file->header->e_shnum; i++)
		if (file->sections[i].sh_type == type)
			return &file->sections[i];
	return NULL;
}

static const void *contents(const struct file *file, const Elf64_Shdr *section)
{
	return file->data + section->sh_offset;
}

/* --- names --- */

/* The hash of the GNU hash table, in which the lowest bit says something else. */
static uint32_t hash_of(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash | 1;
}

static bool names_find(const struct names *names, const char *name, uint32_t hash)
{
	uint32_t mask = names->slot_count - 1;

	if (!names->slot_count)
		return false;
	for (uint32_t at = (hash >> 1) & mask; names->slots[at]; at = (at + 1) & mask) {
		uint32_t i = names->slots[at] - 1;
		if (names->hashes[i] == hash && strcmp(names->items[i], name) == 0)
			return true;
	}
	return false;
}

static void fill_slots(struct names *names)
{
	uint32_t mask = names->slot_count - 1;

	memset(names->slots, 0, names->slot_count * sizeof(*names->slots));
	for (uint32_t i = 0; i < names->count; i++) {
		uint32_t at = (names->hashes[i] >> 1) & mask;
		while (names->slots[at])
			at = (at + 1) & mask;
		names->slots[at] = i + 1;
	}
}

/* Four slots for each name: most lookups, a few thousand for a library, find nothing, at their
 * first slot. */
static bool names_grow(struct names *names)
{
	uint32_t capacity = names->capacity ? names->capacity * 2 : 256;
	void *items = realloc(names->items, capacity * sizeof(*names->items));

	if (items)
		names->items = items;
	void *hashes = realloc(names->hashes, capacity * sizeof(*names->hashes));
	if (hashes)
		names->hashes = hashes;
	void *slots = realloc(names->slots, 4 * capacity * sizeof(*names->slots));
	if (slots)
		names->slots = slots;
	if (!items || !hashes || !slots || capacity > NAMES_MAX)
		return false;
	names->capacity = capacity;
	names->slot_count = 4 * capacity;
	fill_slots(names);
	return true;
}

bool names_add(struct names *names, const char *name)
{
	uint32_t hash = hash_of(name);

	if (names_find(names, name, hash))
		return true;
	if (names->count == names->capacity && !names_grow(names))
		return false;
	names->items[names->count] = name;
	names->hashes[names->count++] = hash;
	uint32_t mask = names->slot_count - 1, at = (hash >> 1) & mask;
	while (names->slots[at])
		at = (at + 1) & mask;
	names->slots[at] = names->count;
	return true;
}

bool names_of_object(struct names *names, const char *path)
{
	struct file file;

	if (!file_map(&file, path, ET_REL))
		return false;
	const Elf64_Shdr *table = section_of_type(&file, SHT_SYMTAB);
	if (!table)
		return true;
	const Elf64_Sym *symbols = contents(&file, table);
	const char *strings = contents(&file, &file.sections[table->sh_link]);
	for (uint64_t i = table->sh_info; i < table->sh_size / sizeof(*symbols); i++) {
		const char *name = strings + symbols[i].st_name;
		/* a name that asks for a version by `.symver` */
		if (strchr(name, '@') || !names_add(names, name))
			return false;
	}
	return true;
}

/* --- what is taken of a library --- */

struct library {
	struct file file;
	const Elf64_Shdr *symbol_section;
	const Elf64_Sym *symbols;
	const Elf64_Half *versions;
	const char *strings;
	const char *so_name;
	uint32_t count, defined_from; /* symbols; the first with a hash */
	const uint32_t *chain;	      /* its hash and those behind it */
	uint32_t *taken;	      /* indices */
	uint32_t taken_count;
	bool defines;
};

static const char *so_name(const struct library *lib)
{
	const Elf64_Shdr *section = section_of_type(&lib->file, SHT_DYNAMIC);
	const Elf64_Dyn *entry = section ? contents(&lib->file, section) : NULL;

	for (; entry && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_SONAME)
			return lib->strings + entry->d_un.d_val;
	return NULL;
}

static bool library_open(struct library *lib, const char *path)
{
	if (!file_map(&lib->file, path, ET_DYN))
		return false;
	const Elf64_Shdr *symbols = section_of_type(&lib->file, SHT_DYNSYM);
	const Elf64_Shdr *versions = section_of_type(&lib->file, SHT_GNU_versym);
	const Elf64_Shdr *hash = section_of_type(&lib->file, SHT_GNU_HASH);
	if (!symbols || !versions || !hash || !section_of_type(&lib->file, SHT_GNU_verdef))
		return false;
	const uint32_t *table =
	    contents(&lib->file, hash); /* buckets, first symbol, words of the filter, shift */
	lib->symbol_section = symbols;
	lib->symbols = contents(&lib->file, symbols);
	lib->versions = contents(&lib->file, versions);
	lib->strings = contents(&lib->file, &lib->file.sections[symbols->sh_link]);
	lib->count = (uint32_t)(symbols->sh_size / sizeof(Elf64_Sym));
	lib->defined_from = table[1];
	lib->chain = table + 4 + 2 * table[2] + table[0];
	lib->so_name = so_name(lib);
	lib->taken = malloc(lib->count * sizeof(*lib->taken));
	return lib->so_name && lib->taken && lib->defined_from <= lib->count;
}

static const char *symbol_name(const struct library *lib, uint32_t i)
{
	return lib->strings + lib->symbols[i].st_name;
}

static void take_undefined(struct library *lib, const struct names *names)
{
	for (uint32_t i = 1; i < lib->defined_from; i++) {
		const char *name = symbol_name(lib, i);
		/* one with a version is another symbol for the linker */
		if (lib->symbols[i].st_shndx == SHN_UNDEF && lib->versions[i] <= VER_NDX_GLOBAL &&
		    names_find(names, name, hash_of(name)))
			lib->taken[lib->taken_count++] = i;
	}
}

static void take_defined(struct library *lib, const struct names *names)
{
	uint32_t before = lib->taken_count;

	for (uint32_t i = lib->defined_from; i < lib->count; i++)
		if (!(lib->versions[i] & VERSION_HIDDEN) &&
		    names_find(names, symbol_name(lib, i), lib->chain[i - lib->defined_from] | 1))
			lib->taken[lib->taken_count++] = i;
	lib->defines = lib->taken_count > before;
}

static bool is_variable(const Elf64_Sym *symbol)
{
	return ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT && symbol->st_shndx != SHN_UNDEF;
}

static bool is_taken(const struct library *lib, uint32_t index)
{
	for (uint32_t i = 0; i < lib->taken_count; i++)
		if (lib->taken[i] == index)
			return true;
	return false;
}

static void take_aliases(struct library *lib)
{
	uint32_t named = lib->taken_count;

	for (uint32_t i = 0; i < named; i++) {
		const Elf64_Sym *variable = &lib->symbols[lib->taken[i]];
		for (uint32_t j = lib->defined_from; is_variable(variable) && j < lib->count; j++)
			if (lib->symbols[j].st_value == variable->st_value &&
			    lib->symbols[j].st_shndx == variable->st_shndx && !is_taken(lib, j))
				lib->taken[lib->taken_count++] = j;
	}
}

/* For some names (`gets`) a library has a text that the linker prints when they are used. */
static bool warns_of(const struct library *lib, const struct names *names)
{
	static const char prefix[] = ".gnu.warning.";

	for (unsigned i = 1; i < lib->file.header->e_shnum; i++) {
		const char *section = lib->file.section_names + lib->file.sections[i].sh_name;
		const char *name = section + sizeof(prefix) - 1;
		if (strncmp(section, prefix, sizeof(prefix) - 1) == 0 &&
		    names_find(names, name, hash_of(name)))
			return true;
	}
	return false;
}

/* --- writing --- */

struct stub {
	const struct library *lib;
	unsigned char *data;
	size_t size;
	Elf64_Shdr *sections; /* in data */
	char *strings;	      /* its dynamic strings, until they are written */
	size_t strings_size;
};

static void *put(struct stub *stub, const void *data, size_t size)
{
	size_t at = (stub->size + 7) & ~(size_t)7;

	stub->size = at + size;
	return memcpy(stub->data + at, data, size);
}

static uint32_t put_string(struct stub *stub, const char *text)
{
	size_t at = stub->strings_size, size = strlen(text) + 1;

	memcpy(stub->strings + at, text, size);
	stub->strings_size += size;
	return (uint32_t)at;
}

/* The contents of the section that stands at the place of one of the library's. */
static void *put_section(struct stub *stub, const Elf64_Shdr *original, const void *data,
			 size_t size)
{
	Elf64_Shdr *section = &stub->sections[original - stub->lib->file.sections];
	unsigned char *at = put(stub, data, size);

	*section = *original;
	section->sh_offset = (size_t)(at - stub->data);
	section->sh_size = size;
	return at;
}

/* What is written at most, of which no part is larger than the strings; the names of the versions
 * and of the library are among the library's own strings. */
static bool stub_begin(struct stub *stub)
{
	const struct library *lib = stub->lib;
	const struct file *file = &lib->file;
	size_t strings = 1 + file->sections[lib->symbol_section->sh_link].sh_size, most = 4096;

	for (uint32_t i = 0; i < lib->taken_count; i++)
		strings += strlen(symbol_name(lib, lib->taken[i])) + 1;
	most += strings + (lib->taken_count + 1) * (sizeof(Elf64_Sym) + sizeof(Elf64_Half));
	most +=
	    file->header->e_shnum * sizeof(Elf64_Shdr) + file->header->e_phnum * sizeof(Elf64_Phdr);
	most += section_of_type(file, SHT_GNU_verdef)->sh_size +
		file->sections[file->header->e_shstrndx].sh_size;
	stub->data = calloc(1, most);
	stub->strings = calloc(1, strings);
	stub->strings_size = 1;
	return stub->data && stub->strings;
}

/*
 * Without contents a section still gives its symbols an address and its flags. The linker looks for
 * no other segment than the one that is read-only once relocated: a copy of a variable in it has to
 * be that as well.
 */
static void put_headers(struct stub *stub)
{
	const struct file *file = &stub->lib->file;
	const Elf64_Phdr *segments = (const void *)(file->data + file->header->e_phoff);
	Elf64_Ehdr *header = put(stub, file->header, sizeof(*file->header));
	unsigned count = 0;

	for (unsigned i = 0; i < file->header->e_phnum; i++)
		if (segments[i].p_type == PT_GNU_RELRO) {
			Elf64_Phdr *segment = put(stub, &segments[i], sizeof(*segment));
			segment->p_offset = segment->p_filesz = 0;
			count++;
		}
	header->e_phoff = count ? sizeof(*header) : 0;
	header->e_phnum = (Elf64_Half)count;
	stub->sections = put(stub, file->sections, file->header->e_shnum * sizeof(Elf64_Shdr));
	header->e_shoff = (size_t)((unsigned char *)stub->sections - stub->data);
	for (unsigned i = 1; i < file->header->e_shnum; i++) {
		if (stub->sections[i].sh_flags & SHF_ALLOC)
			stub->sections[i].sh_type = SHT_NOBITS;
		else
			stub->sections[i] = (Elf64_Shdr){.sh_name = 0};
	}
}

static bool put_symbols(struct stub *stub)
{
	const struct library *lib = stub->lib;
	size_t count = lib->taken_count + 1;
	Elf64_Sym *symbols = calloc(count, sizeof(*symbols));
	Elf64_Half *versions = calloc(count, sizeof(*versions));

	if (!symbols || !versions)
		return false;
	for (uint32_t i = 0; i < lib->taken_count; i++) {
		symbols[i + 1] = lib->symbols[lib->taken[i]];
		symbols[i + 1].st_name = put_string(stub, symbol_name(lib, lib->taken[i]));
		versions[i + 1] = lib->versions[lib->taken[i]];
	}
	put_section(stub, lib->symbol_section, symbols, count * sizeof(*symbols));
	stub->sections[lib->symbol_section - lib->file.sections].sh_info =
	    1; /* none is local but the first */
	put_section(stub, section_of_type(&lib->file, SHT_GNU_versym), versions,
		    count * sizeof(*versions));
	return true;
}

static void put_versions(struct stub *stub)
{
	const Elf64_Shdr *section = section_of_type(&stub->lib->file, SHT_GNU_verdef);
	unsigned char *at =
	    put_section(stub, section, contents(&stub->lib->file, section), section->sh_size);

	for (;;) {
		Elf64_Verdef *version = (void *)at;
		unsigned char *entry = at + version->vd_aux;
		for (unsigned i = 0; i < version->vd_cnt; i++) {
			Elf64_Verdaux *name = (void *)entry;
			name->vda_name = put_string(stub, stub->lib->strings + name->vda_name);
			entry += name->vda_next;
		}
		if (!version->vd_next)
			break;
		at += version->vd_next;
	}
}

static void put_rest(struct stub *stub)
{
	const struct file *file = &stub->lib->file;
	const Elf64_Shdr *names = &file->sections[file->header->e_shstrndx];
	const Elf64_Dyn dynamic[2] = {
	    {.d_tag = DT_SONAME, .d_un.d_val = put_string(stub, stub->lib->so_name)}};

	put_section(stub, section_of_type(file, SHT_DYNAMIC), dynamic, sizeof(dynamic));
	put_section(stub, &file->sections[stub->lib->symbol_section->sh_link], stub->strings,
		    stub->strings_size);
	put_section(stub, names, contents(file, names), names->sh_size);
}

static bool write_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool fine = fd >= 0 && write(fd, data, size) == (ssize_t)size;

	return fd >= 0 && close(fd) == 0 && fine;
}

bool stub_write(const char *path, const char *library, const struct names *names)
{
	struct library lib = {.taken = NULL};
	struct stub stub = {.lib = &lib};

	if (!library_open(&lib, library) || warns_of(&lib, names))
		return false;
	take_undefined(&lib, names);
	take_defined(&lib, names);
	if (!lib.defines)
		return write_file(path, ARMAG, SARMAG);
	take_aliases(&lib);
	if (!stub_begin(&stub))
		return false;
	put_headers(&stub);
	if (!put_symbols(&stub))
		return false;
	put_versions(&stub);
	put_rest(&stub);
	return write_file(path, stub.data, stub.size);
}
