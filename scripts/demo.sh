#!/usr/bin/env bash
# The four tools on real traffic, on this machine alone: two chained proxies, users that register, a traced path, a call,
# the messages as they pass, and what they meant. Each step says what it does and shows the command, to be typed again.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
BIN=${BIN:-$(swift build --package-path "$root" --configuration "${CONFIGURATION:-debug}" --show-bin-path)}
for tool in sipsak sipgrep harv miniproxy; do
    [ -x "$BIN/$tool" ] || { echo "demo: $BIN/$tool is not built; \"make demo\" builds it" >&2; exit 1; }
done
export PATH=$BIN:$PATH BIN

# Watching packets is a right. Who lacks it gets it in a network of his own, where the system lets him have one.
may_capture() {
    [ "${DEMO_CAPTURE:-}" != no ] || return
    local status=0
    timeout 1 sipgrep -q -d lo none-such udp port 1 >/dev/null 2>&1 || status=$?
    [ $status -eq 124 ]
}
if [ "${DEMO_NETWORK:-}" = own ]; then
    ip link set lo up 2>/dev/null || ifconfig lo up
elif [ "${DEMO_CAPTURE:-}" != no ] && ! may_capture && unshare --user --map-root-user --net true 2>/dev/null &&
    { command -v ip || command -v ifconfig; } >/dev/null; then
    DEMO_NETWORK=own exec unshare --user --map-root-user --net "$0" "$@"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/sipkit-demo.XXXXXX")
cd "$work"
running=()
cleanup() {
    for pid in "${running[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    cd / && rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

bold='' dim='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi
# Commands are shown here also where their output goes through a pipe.
exec 3>&1
pause() { sleep "${DEMO_PAUSE:-1.5}"; }
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; pause; }
show() { printf '%s$ %s%s\n' "$dim" "$*" "$plain" >&3; }
run() { # run COMMAND …: shows it, runs it; a demo that does not work must not look as if it did
    show "$@"
    "$@" || { echo "demo: this ended with status $?; the proxies said:" >&2; tail -5 "$work"/*.log >&2; exit 1; }
}
background() { # background LOG COMMAND …
    show "${*:2} &"
    "${@:2}" >"$work/$1" 2>&1 </dev/null &
    running+=($!)
}
port_taken() {
    cat /proc/net/udp /proc/net/udp6 2>/dev/null | awk -v port="$(printf %04X "$1")" '
        { split($2, a, ":") } a[2] == port { found = 1 } END { exit !found }'
}
free_port() {
    local port=$1
    while port_taken "$port"; do port=$((port + 1)); done
    echo "$port"
}
wait_port() { for _ in {1..50}; do port_taken "$1" && return; sleep 0.1; done; echo "demo: nobody took port $1" >&2; exit 1; }

front=$(free_port 5070)
home=$(free_port 5080)
phone=$(free_port 5090)

say "1. Two proxies: \"front\" on port $front, \"home\" on port $home. A proxy without a script registers, routes and stays in the path."
background front.log miniproxy --listen "127.0.0.1:$front"
background home.log miniproxy --listen "127.0.0.1:$home"
wait_port "$front"
wait_port "$home"
run sipsak -vv -s "sip:127.0.0.1:$front" | grep -vE '^$' | tail -3

say "2. Two users register. At home, bob's phone is on port $phone; front knows that bob, and alice, are to be found at home."
run sipsak -v -U -C "sip:bob@127.0.0.1:$phone" -x 600 -s "sip:bob@127.0.0.1:$home" | grep .
run sipsak -v -U -C "sip:bob@127.0.0.1:$home" -x 600 -s "sip:bob@127.0.0.1:$front" | grep .
run sipsak -v -U -C "sip:127.0.0.1:$home" -x 600 -s "sip:alice@127.0.0.1:$front" | grep .

if may_capture; then
    say "3. sipgrep watches both proxies from now on, and keeps what it sees in a file."
    show "sipgrep -l -qq -t -W single -O demo.pcap -d lo '' port $front or port $home | cut -c 1-100 &"
    sipgrep -l -qq -t -W single -O "$work/demo.pcap" -d lo '' "port $front or port $home" 2>/dev/null >"$work/live" </dev/null &
    running+=($!)
    watcher=$!
    sleep 1
    tail -n +1 -s 0.1 -f --pid=$watcher "$work/live" | sed -u -nE 's/^(U.{0,99}).*/    | \1/p' &
else
    watcher=
    say "3. (sipgrep could watch all this live, but this user has no right to capture packets here: a file will do.)"
fi

say "4. Where does a request for alice go? sipsak lets it die one hop later each time: first front speaks, then home."
run sipsak -T -s "sip:alice@127.0.0.1:$front" 2>/dev/null | tee "$work/trace"
[ -n "$watcher" ] ||
    sipsak -vvv -T -s "sip:alice@127.0.0.1:$front" >"$work/transcript" 2>/dev/null
[ "$(grep -c '483 Too Many Hops' "$work/trace")" -eq 2 ] || { echo "demo: the trace lacks a hop" >&2; exit 1; }
pause

say "5. A call to bob, through front and home to his phone, where sipsak itself picks up, and hangs up."
run sipsak -vv -I -l "$phone" -s "sip:bob@127.0.0.1:$front" | grep .
pause

if [ -n "$watcher" ]; then
    kill -INT $watcher
    wait $watcher 2>/dev/null || true
    sleep 0.3
else
    "$root/scripts/transcript-to-pcap" "$front" "$work/transcript" demo.pcap
    say "   sipgrep reads what sipsak saw of the trace:"
    run sipgrep -qq -t -W single -I demo.pcap | grep '^U' | cut -c 1-100
fi

say "6. What was that? harv reads the packets and explains them."
run harv demo.pcap

say "That was all. The four programs are in ${BIN#"$root"/}; \"sipsak --help\" and its like say what else they do."
