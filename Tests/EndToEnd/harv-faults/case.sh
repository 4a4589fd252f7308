# One case, in a network of its own: `unshare -rn bash case.sh NAME PROXY DEFINES SCENE`, with $WORK a folder of the case.
#   PROXY    miniproxy or kamailio
#   DEFINES  what is wrong in its script, separated by commas
#   SCENE    which calls are made, see below
# Leaves the capture in $WORK/trace.pcap. 192.0.2.10 is the proxy, 198.51.100.7 the callee, 203.0.113.5 the outside of a
# router whose phone thinks it is 192.168.1.2.
source "$LIB"
name=$1 proxy=$2 scene=$4
IFS=, read -ra defines <<<"$3"

ip link set lo up
for address in 192.0.2.10 198.51.100.7 203.0.113.5; do ip addr add "$address/32" dev lo; done
start capture "$SIPGREP" -d lo -q -O "$WORK/trace.pcap" "" udp
wait_for 60 grep -qs "^output" "$WORK/capture.log" || fail "sipgrep does not capture"

options=()
for define in "${defines[@]}"; do options+=(-A "$define"); done
if [ "$proxy" = kamailio ]; then
    mkdir -p "$WORK/run"
    start proxy kamailio -f faulty-kamailio.cfg -n 1 -DD -E -m 32 -M 4 -w "$WORK/run" -Y "$WORK/run" \
        -P "$WORK/run/pid" "${options[@]}"
else
    [[ $3 == *USERS* ]] && options+=(--user alice:pwalice)
    start proxy "$MINIPROXY" --listen udp:192.0.2.10:5060 --domain test.local -f faulty-miniproxy.cfg "${options[@]}"
fi
wait_udp 5060 proxy

phone() { # phone SCENARIO [OPTION …]: behind the router, its packets come from port 1024
    local scenario=$1
    shift
    timeout 45 sipp -i 203.0.113.5 -p 1024 192.0.2.10:5060 -sf "$scenario.xml" -m 1 -s bob -nostdin -timeout 44 \
        -key via 192.168.1.2:5060 -key contact "${contact:-192.168.1.2:5060}" -key sdp 192.168.1.2 \
        -key rport "${rport-;rport}" -key hops "${hops:-70}" "$@" >"$WORK/$scenario.screen" 2>&1
}
callee() { # callee SCENARIO
    start callee sipp -i 198.51.100.7 -p 5060 -sf "$1.xml" -m 1 -nostdin -timeout 100
    # The proxy has that port as well, on another address: 198.51.100.7:5060 as the kernel writes it.
    wait_for 30 grep -q " 076433C6:13C4 " /proc/net/udp || fail "the callee does not listen"
}
# The last message of the trace, so long after the fault that nothing can be missing any more.
ping() {
    sleep "$1"
    timeout 5 sipp -i 198.51.100.7 -p 5099 192.0.2.10:5060 -sf ping.xml -m 1 -nostdin >"$WORK/ping.screen" 2>&1
}

case $scene in
    call) callee callee; phone phone -d 1500; ping 2 ;;
    # Nobody hears the answer to the BYE, and the phone asks again.
    deaf-bye) callee callee; rport="" phone phone -d 1000; ping 1 ;;
    direct) callee callee; phone phone-direct -d 1000; ping 1 ;;
    # The phone holds on; it is the callee who hangs up after half a minute.
    long-call) callee callee; phone phone -d 36000; ping 1 ;;
    refused) callee refusing-callee; phone refused-phone; ping 1 ;;
    looped) hops=10 phone refused-phone; ping 1 ;;
    too-far) hops=0 phone refused-phone; ping 1 ;;
    silence) callee silent-callee; phone refused-phone; ping 33 ;;
    cancelled) callee ringing-callee; phone cancelling-phone & sleep 4; ping 33; wait $! ;;
    wrong-password) contact=203.0.113.5:1024 phone wrong-password; ping 1 ;;
    # The phone goes away without a word; a minute later somebody calls it.
    gone)
        contact=203.0.113.5:1024 phone register
        start silence sipp -i 203.0.113.5 -p 1024 -sf silent-callee.xml -m 1 -nostdin -timeout 100
        sleep 61
        timeout 45 sipp -i 198.51.100.7 -p 5070 192.0.2.10:5060 -sf refused-phone.xml -m 1 -s alice -nostdin \
            -timeout 44 -key via 198.51.100.7:5070 -key contact 198.51.100.7:5070 -key sdp 198.51.100.7 \
            -key rport ";rport" -key hops 70 >"$WORK/caller.screen" 2>&1
        ping 33
        ;;
    *) fail "no scene $scene" ;;
esac
sleep 0.3
stop capture INT
[ -s "$WORK/trace.pcap" ]
