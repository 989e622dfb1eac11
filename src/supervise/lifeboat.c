/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "supervise/lifeboat.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "ipc/messages.h"

#define BODY                                                                                       \
	"{\"error\":{\"code\":\"unavailable\",\"message\":\"The part of the server that was to "   \
	"answer this has just been restarted; send the request again.\",\"retryable\":true}}"
#define HEAD                                                                                       \
	"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n" \
	"Connection: close\r\nContent-Length: "

struct lifeboat {
	uint32_t places;
	int page_fd;
	unsigned char *states; /* enum lifeboat_state, written by the front: read once, never trusted */
	int *fds;              /* -1: nobody */
	int *adrift;           /* places at most */
	uint32_t adrift_count;
	char answer[sizeof(HEAD) + sizeof(BODY) + 16];
};

struct lifeboat *lifeboat_create(uint32_t places)
{
	struct lifeboat *boat = calloc(1, sizeof(*boat));

	if (!boat)
		return NULL;
	boat->places = places;
	boat->page_fd = memfd_create("lifeboat", MFD_CLOEXEC);
	boat->fds = malloc(places * sizeof(int));
	boat->adrift = malloc(places * sizeof(int));
	boat->states = MAP_FAILED;
	if (boat->page_fd >= 0 && ftruncate(boat->page_fd, places) == 0)
		boat->states = mmap(NULL, places, PROT_READ | PROT_WRITE, MAP_SHARED, boat->page_fd, 0);
	if (!boat->fds || !boat->adrift || boat->states == MAP_FAILED) {
		lifeboat_destroy(boat);
		return NULL;
	}
	for (uint32_t i = 0; i < places; i++)
		boat->fds[i] = -1;
	int n = snprintf(boat->answer, sizeof(boat->answer), HEAD "%zu\r\n\r\n" BODY, sizeof(BODY) - 1);
	boat->answer[n] = '\0';
	return boat;
}

void lifeboat_destroy(struct lifeboat *boat)
{
	if (!boat)
		return;
	if (boat->states != MAP_FAILED)
		munmap(boat->states, boat->places);
	fd_close(boat->page_fd);
	free(boat->fds);
	free(boat->adrift);
	free(boat);
}

int lifeboat_page_fd(const struct lifeboat *boat)
{
	return dup(boat->page_fd);
}

void lifeboat_hold(struct lifeboat *boat, uint32_t place, int fd)
{
	if (place >= boat->places) {
		fd_close(fd);
		return;
	}
	fd_close(boat->fds[place]);
	boat->fds[place] = fd;
}

void lifeboat_release(struct lifeboat *boat, uint32_t place)
{
	if (place < boat->places)
		boat->fds[place] = fd_close(boat->fds[place]);
}

static bool answer(struct lifeboat *boat, uint32_t place)
{
	return send(boat->fds[place], boat->answer, strlen(boat->answer), MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
}

unsigned lifeboat_abandon(struct lifeboat *boat)
{
	unsigned answered = 0;

	for (uint32_t i = 0; i < boat->places; i++) {
		unsigned char state = boat->states[i];
		if (boat->fds[i] < 0)
			continue;
		if (state == LIFEBOAT_IDLE && boat->adrift_count < boat->places) {
			boat->adrift[boat->adrift_count++] = fd_steal(&boat->fds[i]);
			continue;
		}
		answered += state == LIFEBOAT_WAITING && answer(boat, i);
		/* only our side: closing with unread input would reset the connection and lose the answer */
		shutdown(boat->fds[i], SHUT_WR);
		boat->fds[i] = fd_close(boat->fds[i]);
	}
	memset(boat->states, LIFEBOAT_IDLE, boat->places);
	return answered;
}

int lifeboat_adrift(struct lifeboat *boat)
{
	return boat->adrift_count ? boat->adrift[--boat->adrift_count] : -1;
}
