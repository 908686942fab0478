# Inside the box: the package from its installation to its end.
deb=/run/box/ser.deb
fail() { echo "FAIL: $*"; exit 1; }
want() { # want CODE COMMAND...
	code=$1; shift
	got=0; "$@" || got=$?
	[ "$got" = "$code" ] || fail "$* returned $got, want $code"
}
answers() { sipsak -s sip:127.0.0.1:5060 >/dev/null 2>&1; }
supervisor() { cat /run/ser/ser.pid 2>/dev/null; }
processes() { ps -eo user:12,args | grep '[s]er: \|[u]sr/sbin/ser'; }
kamailio=$(dpkg-query -W kamailio 2>/dev/null; md5sum /etc/init.d/kamailio /usr/sbin/kamailio 2>/dev/null)

echo "== install"
want 0 dpkg -i $deb
id ser || fail "no user"
[ "$(stat -c %U:%G:%a /var/spool/ser)" = ser:ser:750 ] || fail "/var/spool/ser"
[ "$(stat -c %U:%G /run/ser)" = ser:ser ] || fail "/run/ser"
want 0 answers
processes | grep -v '^ser ' && fail "a process is not the user's"
[ "$(processes | wc -l)" = 7 ] || fail "processes: $(processes)"
want 0 /etc/init.d/ser status

echo "== start again: it runs already"
before=$(supervisor)
want 0 /etc/init.d/ser start
[ "$(supervisor)" = "$before" ] || fail "another server was started"

echo "== restart"
want 0 /etc/init.d/ser restart
[ "$(supervisor)" != "$before" ] || fail "the same server"
want 0 answers
want 0 /etc/init.d/ser check

echo "== a bad configuration: restart leaves the old server alone, and says why"
before=$(supervisor)
cp /etc/ser/ser.cfg /run/box/good.cfg
echo 'nonsense=1' >>/etc/ser/ser.cfg
want 6 /etc/init.d/ser restart 2>/run/box/err
grep -q 'unknown config variable\|nonsense' /run/box/err || fail "no reason: $(cat /run/box/err)"
[ "$(supervisor)" = "$before" ] || fail "the server is gone"
want 0 answers
cp /run/box/good.cfg /etc/ser/ser.cfg

echo "== reload does not exist, try-restart does, an unknown word is an error"
want 3 /etc/init.d/ser reload
want 0 /etc/init.d/ser try-restart
want 2 /etc/init.d/ser dance

echo "== the program was replaced while it runs"
cp /usr/sbin/ser /usr/sbin/ser.new && mv /usr/sbin/ser.new /usr/sbin/ser
want 0 /etc/init.d/ser status
want 0 /etc/init.d/ser restart
want 0 answers

echo "== stop"
want 0 /etc/init.d/ser stop
want 3 /etc/init.d/ser status
[ ! -e /run/ser/ser.pid ] || fail "the pid file is left"
[ -z "$(processes)" ] || fail "processes are left: $(processes)"
want 0 /etc/init.d/ser stop
want 0 /etc/init.d/ser try-restart
want 3 /etc/init.d/ser status

echo "== a stale pid file, and no /run/ser, as after a boot"
echo 4194000 >/run/ser/ser.pid
want 1 /etc/init.d/ser status
want 0 /etc/init.d/ser start
want 0 answers
want 0 /etc/init.d/ser stop
rm -rf /run/ser
want 0 /etc/init.d/ser start
want 0 answers

echo "== /etc/default/ser acts"
want 0 /etc/init.d/ser stop
cat >>/etc/default/ser <<X
USER=nobody
GROUP=nogroup
SHM_MEMORY=77
EXTRA_OPTIONS="-A LISTEN=udp:127.0.0.1:5077 -n 1"
X
want 0 /etc/init.d/ser start
ps -eo user:12,args | grep '[s]er: udp receiver child=0 sock=127.0.0.1:5077' | grep -q '^nobody ' || fail "$(processes)"
tr '\0' ' ' </proc/$(supervisor)/cmdline | grep -q -- '-m 77 ' || fail "no -m 77"
want 0 /etc/init.d/ser stop
sed -i '/^USER=/,$d' /etc/default/ser
echo RUN_SER=no >>/etc/default/ser
want 0 /etc/init.d/ser start
[ -z "$(processes)" ] || fail "RUN_SER=no starts a server"
sed -i '/^RUN_SER=no/d' /etc/default/ser

echo "== install again over it while it runs: it is running afterwards, another one"
want 0 /etc/init.d/ser start
before=$(supervisor)
want 0 dpkg -i $deb
[ "$(supervisor)" != "$before" ] || fail "the old server runs"
want 0 answers

echo "== by the link that the boot uses"
want 0 /etc/init.d/ser stop
want 0 /etc/rc2.d/S*ser start
want 0 /etc/init.d/ser status

cp /usr/sbin/ser /run/box/other
echo "== remove: configuration stays"
want 0 dpkg -r ser
[ -z "$(processes)" ] || fail "processes are left: $(processes)"
[ -e /etc/ser/ser.cfg ] || fail "the configuration is gone"
[ ! -e /usr/sbin/ser ] || fail "the program is left"
want 5 /etc/init.d/ser start

echo "== purge: nothing stays"
want 0 dpkg -P ser
for f in /etc/ser /etc/default/ser /etc/init.d/ser /run/ser /var/spool/ser /usr/sbin/ser /usr/share/doc/ser; do
	[ ! -e $f ] || fail "$f is left"
done
ls /etc/rc?.d/*ser 2>/dev/null && fail "links are left"
id ser 2>/dev/null && fail "the user is left"

[ "$kamailio" = "$(dpkg-query -W kamailio 2>/dev/null; md5sum /etc/init.d/kamailio /usr/sbin/kamailio 2>/dev/null)" ] || fail "Kamailio was touched"

echo "== a port that is taken does not make the installation fail"
sipsak -s sip:127.0.0.1:5060 >/dev/null 2>&1 && fail "somebody answers"
/run/box/other -f /run/box/good.cfg -P /run/box/other.pid
want 0 dpkg -i $deb 2>/run/box/err
grep -q 'does not start' /run/box/err || fail "it does not say that the server does not start: $(cat /run/box/err)"
want 0 dpkg -P ser
echo "== all of it"
