/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of google.rpc.Code, which Riza's errors have: by the HTTP status they go with. */
#ifndef SG_API_GRPC_H
#define SG_API_GRPC_H

#include <stddef.h>

#include "base/err.h"

static inline unsigned grpc_code(int err_code)
{
	static const struct {
		int status;
		unsigned code;
	} rows[] = {
	    {400, 3},  /* INVALID_ARGUMENT */
	    {401, 16}, /* UNAUTHENTICATED */
	    {403, 7},  /* PERMISSION_DENIED */
	    {404, 5},  /* NOT_FOUND */
	    {408, 4},  /* DEADLINE_EXCEEDED */
	    {409, 6},  /* ALREADY_EXISTS */
	    {429, 8},  /* RESOURCE_EXHAUSTED */
	    {501, 12}, /* UNIMPLEMENTED */
	    {503, 14}, /* UNAVAILABLE */
	};
	int status = err_status(err_code);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return rows[i].code;
	return status < 500 ? 3 : 13; /* INVALID_ARGUMENT, INTERNAL */
}

#endif
