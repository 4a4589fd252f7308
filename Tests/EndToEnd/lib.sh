# For scenarios in bash: `source "$LIB"`. Whatever `start` started is stopped when the scenario ends, by its own pid.
set -u -o pipefail

started=()
cleanup() {
    local status=$? pid
    trap - EXIT
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done
    for pid in "${started[@]}"; do
        for _ in {1..30}; do kill -0 "$pid" 2>/dev/null || continue 2; sleep 0.1; done
        kill -9 "$pid" 2>/dev/null
    done
    exit $status
}
trap cleanup EXIT
trap 'exit 143' TERM INT

# fail MESSAGE: the end, with the last lines of every log.
fail() {
    local log
    echo "FAILED: $*"
    for log in "$WORK"/*.log; do
        [ -s "$log" ] && { echo "--- ${log##*/}"; tail -15 "$log"; }
    done
    exit 1
}
skip() { echo "$*"; exit 77; }
# need PROGRAM …: skips the scenario when one is not there.
need() {
    local program
    for program in "$@"; do command -v "$program" >/dev/null || skip "$program is not installed"; done
}

# free_port: a UDP and TCP port that nobody has, with the three above it (baresip takes the next one too). Of four digits,
# because sipsak 0.9.8 loses the fifth. A scenario asks for all its ports before it binds the first, so those it was given
# are remembered in $WORK/ports: without that two of its servers can be sent to one port.
free_port() {
    local taken port given next
    taken=" $(awk 'FNR > 1 { split($2, a, ":"); print a[2] }' /proc/net/udp /proc/net/udp6 /proc/net/tcp /proc/net/tcp6 \
        2>/dev/null | sort -u | tr '\n' ' ') "
    given=" $(cat "$WORK/ports" 2>/dev/null | tr '\n' ' ') "
    while true; do
        port=$((6100 + RANDOM % 3800))
        for ((next = port - 3; next <= port + 3; next++)); do
            [[ $given == *" $next "* ]] && continue 2
            ((next >= port)) && [[ $taken == *" $(printf %04X $next) "* ]] && continue 2
        done
        echo $port | tee -a "$WORK/ports"
        return
    done
}

# start NAME COMMAND …: in the background, its output in $WORK/NAME.log; its pid in $pid_NAME.
start() {
    local name=$1
    shift
    "$@" >"$WORK/$name.log" 2>&1 </dev/null &
    started+=($!)
    printf -v "pid_$name" %s $!
}
# stop NAME [SIGNAL]: and waits for its end; answers with its exit status.
stop() {
    local pid="pid_$1"
    kill "-${2:-TERM}" "${!pid}" 2>/dev/null
    wait "${!pid}" 2>/dev/null
}
# wait_for SECONDS COMMAND …: until the command succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}
udp_bound() {
    cat /proc/net/udp /proc/net/udp6 2>/dev/null | awk -v port="$(printf %04X "$1")" '
        { split($2, a, ":") } a[2] == port { found = 1 } END { exit !found }'
}
# alive NAME: whether what was started as NAME runs still (a name that was not started counts as alive).
alive() {
    local pid="pid_$1"
    [[ $1 =~ ^[a-z0-9_]+$ ]] && [ -n "${!pid:-}" ] || return 0
    kill -0 "${!pid}" 2>/dev/null
}
# wait_udp PORT NAME: until NAME has the port; fails with its log when that takes too long or it ended before.
wait_udp() {
    wait_for 15 udp_bound "$1" || fail "$2 does not listen on UDP port $1"
    alive "$2" || fail "$2 ended; somebody else has UDP port $1"
}

# expect_text FILE TEXT [MESSAGE]: TEXT stands somewhere in FILE.
expect_text() { grep -qF -- "$2" "$1" || fail "${3:-$1 lacks} \"$2\""; }
# expect_line FILE REGEX: a line of FILE is REGEX.
expect_line() { grep -qxE -- "$2" "$1" || fail "no line of $1 is /$2/: $(cat "$1")"; }

# start_kamailio NAME PORT [DEFINE …]: peers/kamailio.cfg on 127.0.0.1:PORT.
start_kamailio() {
    local name=$1 port=$2 run="$WORK/$1.run" define defines=()
    shift 2
    for define in "$@"; do defines+=(-A "$define"); done
    need kamailio
    mkdir -p "$run"
    start "$name" kamailio -f "$(dirname "$LIB")/peers/kamailio.cfg" -l "udp:127.0.0.1:$port" -n 1 -DD -E -m 64 -M 8 \
        -w "$run" -Y "$run" -P "$run/pid" "${defines[@]}"
    wait_udp "$port" "$name"
}
# start_miniproxy NAME PORT [OPTION …]
start_miniproxy() {
    local name=$1 port=$2
    shift 2
    start "$name" "$MINIPROXY" --listen "udp:127.0.0.1:$port" "$@"
    wait_udp "$port" "$name"
}
# start_proxy NAME PORT [OPTION …]: miniproxy with these options; E2E_PROXY=kamailio puts Kamailio in its place, to tell
# a fault of a scenario from one of ours.
start_proxy() {
    if [ "${E2E_PROXY:-miniproxy}" = kamailio ]; then
        local defines=()
        [[ "$*" == *--user* ]] && defines=(WITH_AUTH)
        start_kamailio "$1" "$2" "${defines[@]}"
    else
        start_miniproxy "$@"
    fi
}
# sipp_run NAME TARGET OPTION …: SIPp in the foreground; it must end by itself within its -timeout, with no failed call.
sipp_run() {
    local name=$1
    shift
    sipp -i 127.0.0.1 -nostdin -timeout_error -trace_err -error_file "$WORK/$name.errors.log" \
        -trace_stat -stf "$WORK/$name.csv" -fd 1 "$@" >"$WORK/$name.screen" 2>&1 ||
        fail "sipp ($name) ended with $?: $(tail -3 "$WORK/$name.screen")"
}
# sipp_figure NAME COLUMN: the last figure of a column of SIPp's statistics, as FailedCall or Retransmissions.
sipp_figure() {
    awk -F ';' -v wanted="$2(C)" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == wanted) column = i; next }
        { value = $column } END { print column ? value : "no such column" }' "$WORK/$1.csv"
}
# expect_figure NAME COLUMN VALUE
expect_figure() {
    local value
    value=$(sipp_figure "$1" "$2")
    [ "$value" = "$3" ] || fail "$1: $2 is $value and not $3"
}
# register_user USER CONTACT_PORT PROXY_PORT: through SIPp.
register_user() {
    sipp_run "register-$1" "127.0.0.1:$3" -p "$(free_port)" -sf "$(dirname "$LIB")/calls/register.xml" -s "$1" \
        -key contact_port "$2" -m 1 -timeout 10
}
# start_agent NAME PORT: a user agent that answers OPTIONS.
start_agent() {
    need sipp
    start "$1" sipp -i 127.0.0.1 -p "$2" -sf "$(dirname "$LIB")/peers/answer-options.xml" -nostdin -timeout 300
    wait_udp "$2" "$1"
}
# expect_status WANTED COMMAND …: runs it, its output in $WORK/out and $WORK/err.
expect_status() {
    local wanted=$1 status
    shift
    echo "\$ $*"
    timeout 40 "$@" >"$WORK/out" 2>"$WORK/err"
    status=$?
    cat "$WORK/out" "$WORK/err"
    [ $status -eq "$wanted" ] || fail "status $status and not $wanted"
}
# may_capture: whether this user may see packets of the loopback interface.
may_capture() { timeout 2 ngrep -d lo -q -n 1 -c 80 none-such udp port 1 >/dev/null 2>&1; [ $? -eq 124 ]; }
tcp_bound() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$(printf %04X "$1")" '
        { split($2, a, ":") } $4 == "0A" && a[2] == port { found = 1 } END { exit !found }'
}
# wait_tcp PORT NAME: until somebody listens on the port, or fails with the log of NAME.
wait_tcp() {
    wait_for 15 tcp_bound "$1" || fail "$2 does not listen on TCP port $1"
    alive "$2" || fail "$2 ended; somebody else has TCP port $1"
}
# make_certificates: an authority $WORK/ca.pem, and $WORK/server.pem (certificate and key) for 127.0.0.1 and localhost.
make_certificates() {
    need openssl
    (
        cd "$WORK" || exit 1
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3 \
            -subj "/O=Test/CN=Test Authority" &&
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr \
                -subj "/CN=localhost" &&
            echo "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:test.local" >server.ext &&
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.crt -days 2 \
                -extfile server.ext &&
            cat server.crt server.key >server.pem
    ) >"$WORK/openssl.log" 2>&1 || fail "openssl makes no certificates"
}
