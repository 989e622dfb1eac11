/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "park/v8_random.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/util.h"

/*
 * V8 has no function for this: its flag --random-seed has 32 bits, and would be every worker's as
 * well. The generator is known by its state, though (v8/src/base/utils/random-number-generator.h):
 * it keeps the seed it began with beside the state that came of it by a few steps of xorshift128+.
 * 128 bits that fit are no accident. Its address is in the isolate; only that is searched. Where V8
 * is built otherwise none is found, and the interpreter is not forked.
 */
struct generator {
	int64_t seed;
	uint64_t state0, state1;
};

#define ISOLATE_BYTES (128 * KIB) /* about twice what it has */
#define STEPS_MAX     65536	  /* some forty are drawn while Node.js starts */

static struct generator *found;
static void (*set_seed)(struct generator *generator, int64_t seed);
static int (*rand_seed)(const void *bytes, int len);

/* MurmurHash3's 64-bit finaliser */
static uint64_t murmur(uint64_t hash)
{
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
	return hash ^ hash >> 33;
}

static struct generator stepped(struct generator from)
{
	uint64_t s1 = from.state0, s0 = from.state1;

	s1 ^= s1 << 23;
	s1 ^= s1 >> 17;
	return (struct generator){from.seed, s0, s1 ^ s0 ^ s0 >> 26};
}

/* Neither pointers nor small numbers, which is what most words are: saves looking at them long. */
static bool looks_random(uint64_t word)
{
	return word >> 48 != 0 && word >> 48 != 0xffff;
}

static bool is_generator(const struct generator *there)
{
	struct generator at = {.seed = there->seed, .state0 = murmur((uint64_t)there->seed)};

	if (!looks_random(there->state0) || !looks_random(there->state1))
		return false;
	at.state1 = murmur(~at.state0);
	for (int i = 0; i < STEPS_MAX; i++, at = stepped(at))
		if (at.state0 == there->state0 && at.state1 == there->state1)
			return true;
	return false;
}

/* Memory of our own that may not be there: the kernel answers EFAULT. */
static bool read_memory(uintptr_t address, void *bytes, size_t len)
{
	struct iovec to = {bytes, len}, from = {(void *)address, len};

	return address % sizeof(uint64_t) == 0 &&
	       process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)len;
}

static struct generator *find(uintptr_t isolate)
{
	uintptr_t words[512];
	struct generator there;

	for (uintptr_t at = isolate; at < isolate + ISOLATE_BYTES; at += sizeof(words)) {
		if (!read_memory(at, words, sizeof(words)))
			return NULL;
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (words[i] && read_memory(words[i], &there, sizeof(there)) &&
			    is_generator(&there))
				return (struct generator *)words[i];
	}
	return NULL;
}

bool v8_random_find(void *isolate)
{
	if (found)
		return true;
	set_seed = (void (*)(struct generator *, int64_t))dlsym(
	    RTLD_DEFAULT, "_ZN2v84base21RandomNumberGenerator7SetSeedEl");
	rand_seed = (int (*)(const void *, int))dlsym(RTLD_DEFAULT, "RAND_seed");
	found = set_seed && rand_seed ? find((uintptr_t)isolate) : NULL;
	return found;
}

/* RAND_seed(3) makes the primary generator draw from the kernel too, and all others from it. */
bool v8_random_renew(void)
{
	struct {
		int64_t v8;
		uint8_t openssl[32];
	} seeds;

	if (!found || getrandom(&seeds, sizeof(seeds), 0) != sizeof(seeds))
		return false;
	set_seed(found, seeds.v8);
	rand_seed(seeds.openssl, sizeof(seeds.openssl));
	explicit_bzero(&seeds, sizeof(seeds));
	return true;
}
