/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <string.h>

#include "base/util.h"
#include "json/json.h"

#define LIST(...)                                                                                  \
	(char *[])                                                                                 \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

static struct runtime_version c_versions[] = {
    {
	.version = "14.2.0",
	.image = "default",
	.compile = {LIST("/usr/bin/gcc", "-o", "{out}", "{sources}"), 4},
	.run = {LIST("/work/{out}", "{args}"), 2},
	.flags = LIST("-O2", "-Wall", "-std={c99,c11}"),
	.flag_count = 3,
	.packages = LIST("gcc 4:14.2.0-1"),
	.package_count = 1,
    },
};

static struct runtime_version python_versions[] = {
    {.version = "3.13.5",
     .image = "default",
     .run = {LIST("/usr/bin/python3", "{entry}", "{args}"), 3}},
    {.version = "3.11.2",
     .provider = "Python of old",
     .image = "old",
     .run = {LIST("/usr/bin/python3", "{entry}", "{args}"), 3}},
};

static struct runtime runtimes[] = {
    {
	.id = "c",
	.name = "C (GCC)",
	.aliases = LIST("gcc"),
	.alias_count = 1,
	.file_name = "main.c",
	.source_suffixes = LIST(".c"),
	.source_suffix_count = 1,
	.artefact = "main",
	.hello_code = "int main(void) { return 0; }\n",
	.hello_output = "",
	.processes_least = 1,
	.memory_bytes_least = 4 * MIB,
	.engines = RUNTIME_NATIVE,
	.versions = c_versions,
	.version_count = ARRAY_LEN(c_versions),
    },
    {
	.id = "javascript",
	.name = "JavaScript (Node.js)",
	.aliases = LIST("js", "node"),
	.alias_count = 2,
	.file_name = "main.js",
	.source_suffixes = LIST(".js", ".mjs"),
	.source_suffix_count = 2,
	.hello_code = "console.log(1)\n",
	.hello_output = "1\n",
	.processes_least = 16,
	.memory_bytes_least = 64 * MIB,
	.engines = RUNTIME_NATIVE,
    },
    {
	.id = "python",
	.name = "Python",
	.aliases = LIST("py", "python3"),
	.alias_count = 2,
	.file_name = "main.py",
	.source_suffixes = LIST(".py"),
	.source_suffix_count = 1,
	.hello_code = "print(\"Hello\")\n",
	.hello_output = "Hello\n",
	.processes_least = 2,
	.memory_bytes_least = 16 * MIB,
	.engines = RUNTIME_NATIVE,
	.versions = python_versions,
	.version_count = ARRAY_LEN(python_versions),
    },
};

const struct runtime_table world_runtimes = {.runtimes = runtimes, .count = ARRAY_LEN(runtimes)};

struct config world_config = {
#define U64(name, unit, def, least, most, doc) .name = (def),
#define TEXT(name, def, doc)		       .name = (char *)(def),
#define FLAG(name, def, doc)		       .name = (def),
#include "config/config.def"
#undef U64
#undef TEXT
#undef FLAG
};

static struct slice no_header(const struct api_request *request _unused_, const char *name _unused_)
{
	return (struct slice){0};
}

int world_decode(const struct dialect *dialect, const struct api_context *api, struct slice body,
		 struct arena *arena, struct job_spec *ret_spec, struct err *err)
{
	char *text = arena_alloc(arena, body.len + JSON_PADDING_BYTES);
	struct api_request request = {.header = no_header};
	struct yyjson_doc *doc;

	if (!text)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	if (body.len)
		memcpy(text, body.data, body.len);
	int rc = json_parse_in_place(&doc, text, body.len, err);
	if (rc < 0)
		return rc;
	request.body = json_root(doc);
	rc = dialect->decode(api, &request, arena, ret_spec, err);
	json_free(doc);
	return rc;
}
