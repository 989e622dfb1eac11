/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PHP unloads its extensions when it ends, one after the other, which takes as long as a short program.
 * In a process that ends they may as well stay; their destructors are called at exit all the same
 * (dlclose(3)). PHP itself leaves them where ZEND_DONT_UNLOAD_MODULES is set, but programs would see that.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

__attribute__((visibility("default"))) int dlclose(void *library)
{
	static int (*next)(void *);

	if (!next)
		next = (int (*)(void *))dlsym(RTLD_NEXT, "dlclose");
	return dlsym(RTLD_DEFAULT, "php_module_shutdown") ? 0 : next(library);
}
