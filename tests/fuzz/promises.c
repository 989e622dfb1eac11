/* SPDX-License-Identifier: Apache-2.0 */
#include "promises.h"

#include <string.h>
#include <yyjson.h>

#include "insist.h"
#include "world.h"

static void check_name(struct slice name)
{
	static const char *const bad[] = {"//", "/./", "/../", NULL};
	char text[1100] = "/";

	insist(name.len > 0 && name.len <= 1024 && !slice_has_nul(name),
	       "a name has 1 to 1024 bytes");
	memcpy(text + 1, name.data, name.len);
	memcpy(text + 1 + name.len, "/", 2);
	for (size_t i = 0; bad[i]; i++)
		insist(!strstr(text, bad[i]), "a name stays below the working directory");
	insist(name.data[0] != '/', "a name is relative");
	for (const char *at = text, *next; (next = strchr(at + 1, '/')); at = next)
		insist(next - at <= 256, "a component has at most 255 bytes");
}

/* By pairs: slow, and surely right. */
static void check_names_against_each_other(const struct job_spec *spec)
{
	for (size_t i = 0; i < spec->file_count; i++) {
		for (size_t j = 0; j < spec->file_count; j++) {
			struct slice a = spec->files[i].name, b = spec->files[j].name;
			bool begins =
			    i != j && b.len >= a.len && memcmp(a.data, b.data, a.len) == 0;

			insist(!begins || (b.len > a.len && b.data[a.len] != '/'),
			       "no name is twice or a directory of another");
		}
	}
}

static void check_files(const struct job_spec *spec, uint64_t ours)
{
	uint64_t bytes = 0;

	insist(spec->file_count > 0 && spec->file_count <= world_config.files_entries_max, "files");
	insist(spec->entry < spec->file_count, "one of the files is the program");
	for (size_t i = 0; i < spec->file_count; i++) {
		check_name(spec->files[i].name);
		bytes += spec->files[i].data.len;
		if (spec->runtime->artefact)
			insist(
			    !slice_equal(spec->files[i].name, slice_from(spec->runtime->artefact)),
			    "no file is the artefact");
	}
	insist(bytes <= world_config.code_bytes_max + ours, "files keep code_bytes_max");
	check_names_against_each_other(spec);
}

static void check_strings(const struct job_spec *spec)
{
	insist(spec->arg_count <= world_config.args_entries_max, "args");
	for (size_t i = 0; i < spec->arg_count; i++)
		insist(!slice_has_nul(spec->args[i]) &&
			   spec->args[i].len <= world_config.args_bytes_max,
		       "arg");
	insist(spec->env_count <= world_config.env_entries_max, "env");
	for (size_t i = 0; i < spec->env_count; i++) {
		struct slice line = spec->env[i];
		const char *equals = memchr(line.data, '=', line.len);

		insist(!slice_has_nul(line) && equals && equals > line.data,
		       "a variable has a name");
	}
	insist(spec->stdin_data.len <= world_config.stdin_bytes_max, "stdin");
}

static void check_limits(const struct job_spec *spec, const struct key_limits *key)
{
	const struct job_limits *l = &spec->limits;

	insist(l->wall_time_ms >= 1 && l->wall_time_ms <= world_config.wall_time_ms_max,
	       "wall_time_ms");
	insist(!key || l->wall_time_ms <= key->wall_time_ms, "the key's wall_time_ms");
	insist(l->cpu_time_ms >= 1 && l->cpu_time_ms <= world_config.cpu_time_ms_max,
	       "cpu_time_ms");
	insist(l->compile_time_ms >= 1 && l->compile_time_ms <= world_config.compile_time_ms_max,
	       "compile");
	insist(l->memory_bytes >= spec->runtime->memory_bytes_least &&
		   l->memory_bytes <= world_config.memory_bytes_max,
	       "memory_bytes");
	insist(l->disk_bytes >= 1 && l->disk_bytes <= world_config.disk_bytes_max, "disk_bytes");
	insist(l->processes >= spec->runtime->processes_least &&
		   l->processes <= world_config.processes_max,
	       "processes");
	insist(l->open_files >= 1 && l->open_files <= world_config.open_files_max, "open_files");
	insist(l->output_bytes >= 1 && l->output_bytes <= world_config.output_bytes_max,
	       "output_bytes");
	insist(l->cpu_milli >= 1 && l->cpu_milli <= world_config.cpu_milli_max, "cpu_milli");
}

void promises_check(const struct job_spec *spec, const struct key_limits *key, uint64_t ours)
{
	check_files(spec, ours);
	check_strings(spec);
	check_limits(spec, key);
}

void promises_check_json(struct slice text, const char *what)
{
	yyjson_doc *doc = yyjson_read(text.data, text.len, 0);

	insist(doc != NULL, what);
	yyjson_doc_free(doc);
}

void promises_shrink_world(void)
{
	world_config.code_bytes_max = 64;
	world_config.stdin_bytes_max = 32;
	world_config.args_bytes_max = 16;
	world_config.env_key_bytes_max = 8;
	world_config.env_value_bytes_max = 16;
	world_config.args_entries_max = world_config.env_entries_max = 4;
	world_config.files_entries_max = 6;
}
