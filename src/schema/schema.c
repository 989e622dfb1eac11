/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

/* What libcyaml says about a failure comes line by line through its log function. */
struct complaint {
	char text[160]; /* the first line: what is wrong */
	char where[96]; /* of the backtrace */
	bool second_document;
};

static void chomp(char *line)
{
	line[strcspn(line, "\n")] = '\0';
}

/* The backtrace goes outwards: the innermost place that has a name is the one to tell. */
static void hear_place(struct complaint *complaint, const char *place)
{
	if (strstr(complaint->where, " field '"))
		return;
	snprintf(complaint->where, sizeof(complaint->where), "%.*s",
		 (int)sizeof(complaint->where) - 1, place);
}

_printf_(3, 0) static void complaint_hear(cyaml_log_t level, void *ctx, const char *fmt, va_list ap)
{
	struct complaint *complaint = ctx;
	char line[sizeof(complaint->text)];

	if (level == CYAML_LOG_WARNING)
		complaint->second_document = true;
	if (level != CYAML_LOG_ERROR)
		return;
	vsnprintf(line, sizeof(line), fmt, ap);
	chomp(line);
	const char *said = strncmp(line, "Load: ", 6) == 0 ? line + 6 : line;
	if (strncmp(said, "  in ", 5) == 0)
		hear_place(complaint, said + 2);
	else if (strcmp(said, "Backtrace:") != 0)
		snprintf(complaint->text, sizeof(complaint->text), "%s", said);
}

static cyaml_config_t loader(struct complaint *complaint)
{
	return (cyaml_config_t){
	    .log_fn = complaint ? complaint_hear : NULL,
	    .log_ctx = complaint,
	    .log_level = CYAML_LOG_WARNING,
	    .mem_fn = cyaml_mem,
	    .flags = CYAML_CFG_NO_ALIAS,
	};
}

/* The line, from 1, that begins with the key; 0 if none does. */
static unsigned line_of_key(struct slice text, const char *key)
{
	size_t len = strlen(key);
	unsigned line = 1;

	for (size_t i = 0; i < text.len; i++) {
		size_t at = i;
		while (at < text.len && (text.data[at] == ' ' || text.data[at] == '-'))
			at++;
		if (text.len - at > len && memcmp(text.data + at, key, len) == 0 &&
		    text.data[at + len] == ':')
			return line;
		const char *end = memchr(text.data + i, '\n', text.len - i);
		if (!end)
			break;
		i = (size_t)(end - text.data);
		line++;
	}
	return 0;
}

/* For a key that it does not know libcyaml names the place before it. */
static void correct_place(struct complaint *complaint, struct slice text)
{
	static const char unknown[] = "Unexpected key: ";

	if (strncmp(complaint->text, unknown, sizeof(unknown) - 1) != 0)
		return;
	unsigned line = line_of_key(text, complaint->text + sizeof(unknown) - 1);
	if (line > 0)
		snprintf(complaint->where, sizeof(complaint->where), "line %u", line);
}

int schema_load(void **ret_data, const cyaml_schema_value_t *schema, struct slice text,
		const char *file, enum err_code code, struct err *err)
{
	struct complaint complaint = {.text = ""};
	cyaml_config_t config = loader(&complaint);
	void *data = NULL;

	if (slice_has_nul(text))
		return err_field(err, code, file, "%s holds a NUL byte.", file);
	cyaml_err_t rc =
	    cyaml_load_data((const uint8_t *)text.data, text.len, &config, schema, &data, NULL);
	if (rc == CYAML_ERR_OOM)
		return err_set(err, ERR_NO_MEMORY, "Out of memory while reading %s.", file);
	correct_place(&complaint, text);
	if (rc != CYAML_OK)
		return err_field(err, code, file, "%s: %s%s%s.", file,
				 complaint.text[0] ? complaint.text : cyaml_strerror(rc),
				 complaint.where[0] ? ", " : "", complaint.where);
	if (complaint.second_document) {
		schema_free(schema, data);
		return err_field(err, code, file, "%s holds more than one YAML document.", file);
	}
	*ret_data = data;
	return 0;
}

static char *read_whole(const char *path, size_t *ret_len)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_free_ char *text = fd < 0 ? NULL : malloc(SCHEMA_FILE_BYTES_MAX + 1);

	if (!text)
		return NULL;
	ssize_t len = fd_read_all(fd, text, SCHEMA_FILE_BYTES_MAX + 1);
	if (len < 0)
		return NULL;
	*ret_len = (size_t)len;
	return steal_pointer(text);
}

int schema_load_file(void **ret_data, const cyaml_schema_value_t *schema, const char *path,
		     enum err_code code, struct err *err)
{
	size_t len = 0;
	_free_ char *text = read_whole(path, &len);

	if (!text && errno == ENOENT)
		return err_field(err, ERR_NOT_FOUND, path, "There is no file %s.", path);
	if (!text)
		return err_field(err, code, path, "Cannot read %s: %s.", path, strerror(errno));
	if (len > SCHEMA_FILE_BYTES_MAX)
		return err_field(err, code, path, "%s is larger than 1 MiB.", path);
	return schema_load(ret_data, schema, (struct slice){text, len}, path, code, err);
}

void schema_free(const cyaml_schema_value_t *schema, void *data)
{
	cyaml_config_t config = loader(NULL);

	cyaml_free(&config, schema, data, 0);
}

int schema_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!text[0] || text[strspn(text, "0123456789")])
		return -ERR_INVALID_FIELD;
	for (; *text; text++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number))
			return -ERR_INVALID_FIELD;
	if (number < least || number > most)
		return -ERR_INVALID_FIELD;
	*ret_number = number;
	return 0;
}
