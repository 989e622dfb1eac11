# SPDX-License-Identifier: Apache-2.0
# The tests of one package of Go's standard library, piece.sh PACKAGE.
exec 2>&1
export PATH=$PATH:/usr/lib/go-1.24/bin GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off GOMAXPROCS=2
exec go test -short -v -vet=off -timeout 15m "$1"
