#!/bin/sh
# install.sh: what `make install` and `make uninstall` do, and the staging of the Debian package.
#
#     scripts/install.sh install|uninstall BINDIR VERSION
#
# PREFIX (/usr/local), SYSCONFDIR (/etc) and DESTDIR (nothing) say where to. Configuration that is
# there already is left alone, and uninstall leaves it, too.
set -eu
action=$1 bin=$2
cd "$(dirname "$0")/.."
: "${DESTDIR:=}" "${PREFIX:=/usr/local}" "${SYSCONFDIR:=/etc}"
sbin=$PREFIX/sbin
unit=$PREFIX/lib/systemd/system/ser.service
init=$SYSCONFDIR/init.d/ser
tmpfiles=$PREFIX/lib/tmpfiles.d/ser.conf
man=$PREFIX/share/man/man8/ser.8
doc=$PREFIX/share/doc/ser

# put MODE FILE TARGET; keep does so unless the target exists.
put() { install -D -m "$1" "$2" "$DESTDIR$3"; }
keep() { [ -e "$DESTDIR$3" ] || put "$@"; }

# patched MODE FILE TARGET: with the paths of this installation.
patched() {
	mkdir -p "$(dirname "$DESTDIR$3")"
	sed -e "s#/usr/sbin/ser#$sbin/ser#g" -e "s#/etc/ser/#$SYSCONFDIR/ser/#g" \
		-e "s#/etc/default/#$SYSCONFDIR/default/#g" "$2" >"$DESTDIR$3"
	chmod "$1" "$DESTDIR$3"
}

programs() {
	for p in ser sercmd; do
		[ ! -x "$bin/$p" ] || echo "$p"
	done
}

case $action in
install)
	[ -x "$bin/ser" ] || { echo "install: $bin/ser is not there: make build first" >&2; exit 1; }
	for p in $(programs); do put 0755 "$bin/$p" "$sbin/$p"; done
	keep 0644 scripts/ser.cfg "$SYSCONFDIR/ser/ser.cfg"
	[ -e "$DESTDIR$SYSCONFDIR/default/ser" ] || patched 0644 scripts/default/ser "$SYSCONFDIR/default/ser"
	patched 0755 scripts/init.d/ser "$init"
	patched 0644 scripts/systemd/ser.service "$unit"
	put 0644 scripts/tmpfiles.d/ser.conf "$tmpfiles"
	patched 0644 docs/ser.8 "$man"
	for f in README.md CHANGELOG.md docs/*.md; do put 0644 "$f" "$doc/$(basename "$f")"; done
	;;
uninstall)
	rm -f "$DESTDIR$sbin/ser" "$DESTDIR$sbin/sercmd" "$DESTDIR$init" "$DESTDIR$unit" "$DESTDIR$tmpfiles" "$DESTDIR$man"
	rm -rf "$DESTDIR$doc"
	;;
*)
	echo "install: unknown action $action" >&2
	exit 2
	;;
esac
