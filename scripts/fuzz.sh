#!/bin/sh
# fuzz.sh TIME: run every fuzz target of the project for TIME each.
set -eu
for f in $(grep -rl --include='*_test.go' '^func Fuzz' .); do
	for name in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$f"); do
		echo "== $name in $(dirname "$f")"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$1" "$(dirname "$f")"
	done
done
