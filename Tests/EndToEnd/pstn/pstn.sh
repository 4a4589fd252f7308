# What both scenarios have: sourced after "$LIB".
need sipp python3
shared="$(dirname "$LIB")/../../../shared/ser"
[ -f "$shared/configs/pstn-acl.cfg" ] || skip "../shared/ser/configs is not there"
calls=../calls
socket="$WORK/ctl.sock"
proxy=$(free_port)

"$MINIPROXY" db create --db "$WORK/ser.db" >"$WORK/create.log" || fail "db create"
database() { "$MINIPROXY" ctl --db "$WORK/ser.db" "$@" >>"$WORK/ctl.log" 2>&1 || fail "ctl $*"; }
start_pstn_proxy() {
    start proxy "$MINIPROXY" -f "$WORK/ser.cfg" --listen "127.0.0.1:$proxy" --fifo "$WORK/fifo" --control "$socket" -E \
        --db "$WORK/ser.db"
    wait_udp "$proxy" proxy
}
ctl() { "$MINIPROXY" ctl --socket "$socket" "$@" >>"$WORK/ctl.log" 2>&1 || fail "ctl $*"; }
scenario() {
    local to="$WORK/$RANDOM$RANDOM.xml"
    sed "s/timeout=\"8000\"/timeout=\"10000\"/; ${2:-}" "$calls/$1" >"$to"
    echo "$to"
}
at_gateway() { grep -qi "0300007F:$(printf %04X "$1")" /proc/net/udp; }
# start_gateway NAME PORT: takes one call, and keeps what it was sent.
start_gateway() {
    start "$1" sipp -i 127.0.0.3 -p "$2" -sf "$(scenario callee.xml)" -m 1 -nostdin -timeout 25 -timeout_error -trace_err \
        -error_file "$WORK/$1.errors.log" -trace_msg -message_file "$WORK/$1.messages"
    wait_for 10 at_gateway "$2" || fail "the gateway does not listen"
}
# ended NAME [REQUEST]: the callee has had its call, for this Request-URI.
ended() {
    local pid="pid_$1"
    wait "${!pid}" || fail "$1 ended with $?"
    [ -z "${2:-}" ] || expect_text "$WORK/$1.messages" "INVITE $2 SIP/2.0"
}
credentials() { printf 'SEQUENTIAL\n%s;[authentication username=%s password=password%s];\n' "$1" "$1" "$1" >"$WORK/$1.in"; }
# answered NAME USER NUMBER: a call of a user with a password that is answered.
answered() {
    sipp_run "$1" "127.0.0.1:$proxy" -p "$(free_port)" -sf "$(scenario caller-with-password.xml)" -inf "$WORK/$2.in" \
        -s "$3" -m 1 -d 20 -timeout 20
}
# refused NAME USER NUMBER STATUS [SED]
refused() {
    sipp_run "$1" "127.0.0.1:$proxy" -p "$(free_port)" -inf "$WORK/$2.in" -s "$3" -m 1 -timeout 20 \
        -sf "$(scenario caller-with-password.xml "/ACK \[next_url\]/,/Via:/ {
                s/\[next_url\]/sip:[service]@[remote_ip]:[remote_port]/; s/branch=\[branch\]/branch=[branch-4]/ }
            /\[routes\]/d
            s/<recv response=\"200\" rrs=\"true\"/<recv response=\"$4\"/
            /<pause/,/<recv response=\"200\" timeout/d
            ${5:-}")"
}
# asked STATUS ARGUMENT …: what ask.py hears.
asked() {
    local wanted=$1 said
    shift
    said=$(python3 "$(dirname "$LIB")/pstn/ask.py" "$@")
    case $said in "SIP/2.0 $wanted "*) ;; *) fail "asked for $wanted: $* is answered \"$said\"" ;; esac
}
