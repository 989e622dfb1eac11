/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lifeboat: copies of the clients' connections, so that a front which is killed does not leave
 * its callers without an answer. The front notes in a shared page what each connection waits for; when it
 * dies, those with a request under way get a 503 from the parent, and those that the front had read
 * nothing of are adrift until the next front takes them. The parent reads nothing of a client.
 */
#ifndef SG_SUPERVISE_LIFEBOAT_H
#define SG_SUPERVISE_LIFEBOAT_H

#include <stdint.h>

struct lifeboat;

/* NULL when out of memory or descriptors. */
struct lifeboat *lifeboat_create(uint32_t places);
void lifeboat_destroy(struct lifeboat *boat);

/* A descriptor of the page to hand to a new front; the caller owns it. -1 with errno. */
int lifeboat_page_fd(const struct lifeboat *boat);
/* Takes ownership of fd; a copy held at that place before is closed. */
void lifeboat_hold(struct lifeboat *boat, uint32_t place, int fd);
void lifeboat_release(struct lifeboat *boat, uint32_t place);
/* The front is dead: answers and closes, or sets adrift. Returns how many got an answer. */
unsigned lifeboat_abandon(struct lifeboat *boat);
/* One that is adrift, for the next front; the caller owns it. -1 when there is none. */
int lifeboat_adrift(struct lifeboat *boat);

#endif
