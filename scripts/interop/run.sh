#!/bin/sh
# run.sh: hold our server against Kamailio, sipp and sipsak. A peer that is missing fails the run.
#
#     scripts/interop/run.sh [arguments of go test, such as -run TestSameAsKamailio/forward -v]
set -eu
cd "$(dirname "$0")/../.."

missing=
command -v kamailio >/dev/null || missing="$missing kamailio"
command -v sipp >/dev/null || missing="$missing sip-tester"
command -v sipsak >/dev/null || missing="$missing sipsak"
if [ -n "$missing" ]; then
	echo "interop: peers are missing. Install them: apt-get install kamailio sip-tester sipsak" >&2
	echo "interop: not here:$missing" >&2
	exit 1
fi

make -s build
export ROBUST=full GOSER_BIN="$PWD/bin"
# One package after the other: the load must have the machine for itself.
# Conversations and scenarios mostly wait, so many go on at once.
exec go test -count=1 -p 1 -parallel 12 -tags interop "$@" ./scripts/interop/...
