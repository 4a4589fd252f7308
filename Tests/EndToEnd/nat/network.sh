# A small internet, to be sourced after lib.sh: a server on the open net, two phones behind two different NATs, a stranger.
#
#   phone1 192.168.20.3 ── nat1 223.78.240.109 ──┐
#   phone2 10.0.0.5 ────── nat2 198.51.100.7 ────┼── the net ── server 192.0.2.13
#                          stranger 203.0.113.66 ┘
#
# The NATs are of the worst kind: another port for every destination, and nobody in but those who were spoken to. All of it
# is in namespaces that end with the scenario. One of the documents' configurations has 1.2.3.4 for the server; it has that
# address as well, and $server says which one phones use.
if [ -z "${IN_OWN_NETWORK:-}" ]; then
    need ip nft unshare baresip python3
    unshare -rnm true 2>/dev/null || skip "no right to make networks of its own"
    IN_OWN_NETWORK=1 exec unshare -rnm "$0" "$@"
fi
server=192.0.2.13
configs=$(cd "$(dirname "$LIB")/../.." && pwd)/../shared/ser/configs

# wire SPACE DEVICE ADDRESS FAR-ADDRESS: a link from here, the net, to a namespace whose way out it is.
wire() {
    ip link add "to-$1" type veth peer name "$2" netns "$1"
    ip addr add "$4/24" dev "to-$1"
    ip link set "to-$1" up
    ip -n "$1" addr add "$3/24" dev "$2"
    ip -n "$1" link set "$2" up
    ip -n "$1" route add default via "$4"
}
# nat NAT PHONE PHONE-ADDRESS INSIDE-ADDRESS
nat() {
    ip -n "$1" link add lan type veth peer name eth0 netns "$2"
    ip -n "$1" addr add "$4/24" dev lan
    ip -n "$1" link set lan up
    ip -n "$2" addr add "$3/24" dev eth0
    ip -n "$2" link set eth0 up
    ip -n "$2" route add default via "$4"
    ip netns exec "$1" sysctl -qw net.ipv4.ip_forward=1
    ip netns exec "$1" nft -f - <<'NFT'
table ip nat {
    chain out {
        type nat hook postrouting priority srcnat
        oifname "wan" ip protocol udp masquerade to :20000-39999 fully-random
        oifname "wan" masquerade
    }
}
table ip filter {
    chain through {
        type filter hook forward priority filter
        policy drop
        iifname "lan" accept
        ct state established,related accept
    }
}
NFT
}
make_network() {
    local space
    mount -t tmpfs none /run || skip "no right to mount"
    ip link set lo up
    for space in server nat1 nat2 phone1 phone2 stranger; do
        ip netns add "$space" || skip "no right to make network namespaces"
        ip -n "$space" link set lo up
    done
    sysctl -qw net.ipv4.ip_forward=1
    wire server eth0 192.0.2.13 192.0.2.1
    ip -n server addr add 1.2.3.4/32 dev eth0
    ip route add 1.2.3.4 via 192.0.2.13
    wire nat1 wan 223.78.240.109 223.78.240.1
    wire nat2 wan 198.51.100.7 198.51.100.1
    wire stranger eth0 203.0.113.66 203.0.113.1
    nat nat1 phone1 192.168.20.3 192.168.20.1 || skip "nft does not make a NAT"
    nat nat2 phone2 10.0.0.5 10.0.0.1 || skip "nft does not make a NAT"
}
inside() { ip netns exec "$@"; }
# start_inside SPACE NAME COMMAND …
start_inside() {
    local space=$1 name=$2
    shift 2
    start "$name" ip netns exec "$space" "$@"
}
bound_inside() {
    inside "$1" cat /proc/net/udp | awk -v port="$(printf %04X "$2")" '
        { split($2, a, ":") } a[2] == port { found = 1 } END { exit !found }'
}

# serve CONFIGURATION [OPTION …]: miniproxy with it at port 5060 of $server, and a capture of what passes there in trace.pcap.
# The users 040600 (password pw040600) and 040618 have accounts of $server and of sip.domain.com.
serve() {
    local configuration=$1 user domain
    shift
    rm -f "$WORK/users.db" "$WORK/trace.pcap" "$WORK/capture.log" "$WORK/server.log"
    "$MINIPROXY" db create --db "$WORK/users.db" >"$WORK/db.log" 2>&1 || fail "no database"
    for user in 040600 040618; do
        for domain in "$server" sip.domain.com; do
            "$MINIPROXY" ctl --db "$WORK/users.db" add "$user@$domain" "pw$user" >>"$WORK/db.log" 2>&1
        done
    done
    # Where a configuration has HA1 calculated of the column ha1, its author's passwords stood there as they are.
    if grep -q '"calculate_ha1", *1' "$configuration" && ! grep -q password_column "$configuration"; then
        "$MINIPROXY" ctl --db "$WORK/users.db" db exec "update subscriber set ha1 = password" >>"$WORK/db.log" 2>&1
    fi
    start_inside server capture "$SIPGREP" -d eth0 -q -O "$WORK/trace.pcap" "" udp
    wait_for 20 grep -qs "^output" "$WORK/capture.log" || fail "sipgrep does not capture"
    start_inside server server "$MINIPROXY" -f "$configuration" --db "$WORK/users.db" --control "$WORK/control" --fifo none \
        -E --domain sip.domain.com "$@"
    wait_for 15 bound_inside server 5060 || fail "the server does not listen"
}
served() {
    stop server
    stop capture INT
    [ -s "$WORK/trace.pcap" ] || fail "nothing was captured"
}
ctl() { "$MINIPROXY" ctl -s "$WORK/control" "$@"; }

# answering_phone SPACE ADDRESS USER DOMAIN SECONDS: baresip that registers for so long and answers every call with a tone;
# its output is in $WORK/phone.log, what it has heard in $WORK/phone/dump-*-dec.wav.
answering_phone() {
    local modules
    modules=$(dirname "$(find /usr/lib -path "*baresip/modules/account.so" 2>/dev/null | head -1)")
    rm -rf "$WORK/phone" "$WORK/phone.log"
    mkdir -p "$WORK/phone"
    python3 - "$WORK/phone/8k.wav" <<'PYTHON'
import math, struct, sys, wave
with wave.open(sys.argv[1], "wb") as sound:
    sound.setparams((1, 2, 8000, 8000, "NONE", ""))
    sound.writeframes(b"".join(struct.pack("<h", int(8000 * math.sin(at / 3))) for at in range(480000)))
PYTHON
    cat >"$WORK/phone/config" <<CONFIG
sip_listen $2:5060
net_interface eth0
module_path $modules
module account.so
module menu.so
module aufile.so
module aubridge.so
module sndfile.so
module g711.so
audio_player aubridge,nowhere
audio_source aufile,$WORK/phone/8k.wav
audio_alert aubridge,alert
snd_path $WORK/phone
rtp_ports 16000-16020
CONFIG
    echo "<sip:$3@$4;transport=udp>;auth_user=$3;auth_pass=pw$3;answermode=auto;regint=$5;outbound=\"sip:$server\"" \
        >"$WORK/phone/accounts"
    : >"$WORK/phone/contacts"
    start_inside "$1" phone baresip -f "$WORK/phone" -t 150
    wait_for 15 grep -qs '200 OK.*\[1 binding' "$WORK/phone.log" || fail "the phone does not register"
}
# call MILLISECONDS [OPTION …]: 040618 behind the first NAT calls 040600; what came of it is in $WORK/call.out.
call() {
    local hold=$1
    shift
    inside phone1 timeout 60 "$SIPSAK" --call --hold "$hold" -u 040618 -a pw040618 -c "sip:040618@$server" \
        -s "sip:040600@$server" "$@" >"$WORK/call.out" 2>"$WORK/call.err"
}
# heard: whether the phone has heard a tone and not silence.
heard() {
    python3 - "$WORK"/phone/dump-*-dec.wav <<'PYTHON'
import struct, sys
data = open(sys.argv[1], "rb").read()[44:]
values = struct.unpack("<%dh" % (len(data) // 2), data[:len(data) // 2 * 2])
loud = sum(abs(value) > 500 for value in values)
print(len(values), "samples,", loud, "of a tone")
sys.exit(loud < 4000)
PYTHON
}
