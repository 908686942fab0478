#!/bin/sh
# build.sh: makes bin/ser_VERSION_ARCH.deb with nothing but dpkg-deb.
#
#     scripts/debian/build.sh BINDIR VERSION
set -eu
bin=$(cd "$1" && pwd)
cd "$(dirname "$0")"
here=$(pwd)
arch=$(dpkg --print-architecture)

# Debian wants a digit first and no hyphen; a commit without a tag comes before
# all that have one.
version=$(printf '%s' "$2" | sed 's/^v//; s/[^A-Za-z0-9.+~]/+/g')
case $version in
[0-9]*.*) ;;
*) version="0~$(git rev-list --count HEAD 2>/dev/null || echo 0)+$version" ;;
esac

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
chmod 0755 "$stage"
umask 022
DESTDIR=$stage PREFIX=/usr SYSCONFDIR=/etc ../install.sh install "$bin"
gzip -9n "$stage/usr/share/man/man8/ser.8"
install -D -m 0644 copyright "$stage/usr/share/doc/ser/copyright"
mv "$stage/usr/share/doc/ser/CHANGELOG.md" "$stage/usr/share/doc/ser/changelog"
gzip -9n "$stage/usr/share/doc/ser/changelog"

mkdir "$stage/DEBIAN"
size=$(du -sk --exclude=DEBIAN "$stage" | cut -f1)
sed -e "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@SIZE@/$size/" control >"$stage/DEBIAN/control"
for f in preinst postinst prerm postrm; do
	[ ! -e "$f" ] || install -m 0755 "$f" "$stage/DEBIAN/$f"
done
(cd "$stage" && find etc -type f | sort | sed 's#^#/#') >"$stage/DEBIAN/conffiles"
(cd "$stage" && find usr -type f | sort | xargs md5sum) >"$stage/DEBIAN/md5sums"
out=$bin/ser_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --build "$stage" "$out" >/dev/null
echo "$out"
