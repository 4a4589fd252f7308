# Our sipsak beside the packaged original against one server: the same standard output and exit code, times and random
# identifiers aside. Where the original is broken (docs/sipsak.md), the transcript of a version that worked is expected.
# `test-kamailio` and `test-miniproxy` source this; they define `start_server NAME PORT [next=PORT] [noisy]`.

# The original cuts ports of five digits in its URIs, so these have four.
four_digit_port() {
    local port
    while true; do
        port=$((6000 + RANDOM % 3900))
        udp_bound $port || udp_bound $((port + 1)) || { echo $port; return; }
    done
}
registrar=$(four_digit_port)
start_server registrar "$registrar"
proxy=$(four_digit_port)
start_server proxy "$proxy" "next=$registrar"
noisy=$(four_digit_port)
start_server noisy "$noisy" noisy
chain=$(four_digit_port)
start_server chain "$chain" "next=$noisy" noisy

# What differs from run to run and from tool to tool: numbers of milliseconds, ports, identifiers, angle brackets around
# From and To, and `bob@` for `bob` (a fault of 0.9.8).
normal() {
    sed -E -e 's#[0-9.]+/[0-9.]+/[0-9.]+ ms#X/X/X ms#' -e 's/[0-9]+\.[0-9]{3} ms/X ms/g' \
        -e 's/req_src_port=[0-9]+/req_src_port=P/' -e 's/;(tag|branch|rport)=[^;[:space:]]*/;\1=X/g' -e 's/^Call-ID: .*/Call-ID: X/' \
        -e '/^(From|To|Contact):/s/[<>]//g' -e 's/(Via|From|Contact)(: [^;]*127\.0\.0\.1):[0-9]+/\1\2:P/' \
        -e 's/user ([a-z0-9]+)@\.\.\./user \1.../'
}
cases=0
same() {
    local name="case$((cases += 1))" ours theirs
    timeout 20 /usr/bin/sipsak "$@" 2>/dev/null | normal >"$WORK/$name.original"
    theirs=${PIPESTATUS[0]}
    timeout 20 "$SIPSAK" "$@" 2>"$WORK/$name.err" | normal >"$WORK/$name.ours"
    ours=${PIPESTATUS[0]}
    diff -u "$WORK/$name.original" "$WORK/$name.ours" >"$WORK/$name.diff" ||
        fail "sipsak $*: other output: $(cat -A "$WORK/$name.diff") $(cat "$WORK/$name.err")"
    [ "$ours" = "$theirs" ] || fail "sipsak $*: exit code $ours, the original's is $theirs"
    echo "same as the original ($ours): sipsak $*"
}
at="127.0.0.1:$registrar"
for verbosity in "" -v -vv; do
    same $verbosity -s "sip:here@$at"
    same $verbosity -s "sip:busy@$at"
    same $verbosity -s "sip:moved@$at"
    same $verbosity -d -s "sip:moved@$at"
    same $verbosity -N -s "sip:here@$at"
    same $verbosity -N -s "sip:busy@$at"
    same $verbosity -A 3 -s "sip:here@$at"
    same $verbosity -U -i -s "sip:bob@$at"
    same $verbosity -U -s "sip:www@$at" -a secret
    same $verbosity -U -s "sip:prx@$at" -a secret
    same $verbosity -s "sip:a@127.0.0.1:9"
    same $verbosity -Z 20 -D 1 -s "sip:silent@$at"
done
same -v -U -C none -s "sip:bob@$at"
same -U -C sip:bob@192.0.2.9 -s "sip:bob@$at"
same -U -C star -x 0 -s "sip:bob@$at"
same -U -a wrong -s "sip:www@$at"
same -q "^server: KAMAILIO" -s "sip:here@$at"
same -N -q asterisk -s "sip:here@$at"
same -w -v -s "sip:moved@127.0.0.1:$noisy"
same -s "sip:a@no-such-host.invalid"
same -s 127.0.0.1
same -v
same -p "127.0.0.1:$registrar" -v -s sip:here@example.org
printf 'OPTIONS sip:$user$@$dsthost$ SIP/2.0\nFrom: <sip:x@y>;tag=1\nTo: <sip:$user$@$dsthost$>\nCall-ID: shoot%s\nCSeq: 7 OPTIONS\n\n' $$ >"$WORK/shoot"
same -v -G -f "$WORK/shoot" -s "sip:here@$at"

# What 0.9.8 cannot do any more.
ours() {
    local code=$1 name="case$((cases += 1))"
    shift
    timeout 20 "$SIPSAK" "$@" 2>"$WORK/$name.err" | normal >"$WORK/$name.out"
    [ "${PIPESTATUS[0]}" = "$code" ] || fail "sipsak $*: not $code: $(cat "$WORK/$name.out" "$WORK/$name.err")"
    cat >"$WORK/$name.expected"
    diff -u "$WORK/$name.expected" "$WORK/$name.out" || fail "sipsak $*"
    echo "as it should be ($code): sipsak $*"
}
ended=$'\nAll usrloc tests completed successful.\nreceived last message X ms after first request (test duration).'
ours 0 -T -s "sip:contact@127.0.0.1:$chain" <<EOF
0: 127.0.0.1:$chain (X ms) SIP/2.0 483 Too Many Hops
1: 127.0.0.1:$noisy (X ms) SIP/2.0 483 Too Many Hops
2: 127.0.0.1:$noisy (X ms) SIP/2.0 200 OK
	Contact: <sip:bob@127.0.0.1:P>
EOF
ours 0 -U -I -vv -i -s "sip:ii@127.0.0.1:$proxy" <<EOF
registering user ii... 	OK
inviting user ii... 		received invite
sending invite reply... 	200 OK received
	ACK received
usrloc for ii completed successful
$ended
EOF
ours 0 -U -M -vv -i -s "sip:mm@127.0.0.1:$proxy" <<EOF
registering user mm... 	OK
sending message to mm...   received message
  'test message from SIPsak for user mm.'
sending message reply...   reply received
usrloc for mm completed successful
$ended
EOF
ours 0 -U -vv -i -a secret -b 1 -e 2 -s "sip:www@127.0.0.1:$proxy" <<EOF
registering user www1... authorizing
'CSeq' not found in reply
registering user www1... 	OK
registering user www2... authorizing
'CSeq' not found in reply
registering user www2... 	OK
$ended
EOF
ours 3 -s "sip:circle@$at" < <(yes '** received redirect ' | head -5)
ours 1 -M -B hello -s "sip:nobody@$at" </dev/null
"$SIPSAK" -U -e 49 -s "sip:many@$at" || fail "fifty registrations"
echo "$cases transcripts"
