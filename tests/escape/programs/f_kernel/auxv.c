/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T42 The auxiliary vector and the kernel's pointers: no set-id mode, the program's own name, no kernel address.
 * promise: 1
 * held: an ordinary execve
 * plant: yes
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/auxv.h>

int
main(int argc, char **argv)
{
	const char *name = (const char *)getauxval(AT_EXECFN);
	char text[4096] = "";
	int fd = open("/proc/self/stat", O_RDONLY);

	(void)argv;
	if (getauxval(AT_SECURE) != 0 || argc > 1)
		escaped("the program runs as set-user-id");
	if (name == NULL || (strncmp(name, "/work/", 6) != 0 && strncmp(name, "/usr/", 5) != 0 && name[0] != '.'))
		escaped("the program's name is %s", name != NULL ? name : "(none)");
	if (read(fd, text, sizeof(text) - 1) > 0 && strstr(text, " ffffffff8") != NULL)
		escaped("an address of the kernel in /proc/self/stat");
	fd = open("/proc/self/wchan", O_RDONLY);
	return verdict("the kernel gives no address away");
}
