# What both scenarios have, sourced after "$LIB"; they set `database`, the options of miniproxy.
need sipp
shared="$(dirname "$LIB")/../../../shared/ser"
[ -f "$shared/configs/cpl-routing.cfg" ] || skip "../shared/ser/configs is not there"
calls=../calls
socket="$WORK/ctl.sock"
proxy=$(free_port)
pc=$(free_port)
voicemail=$(free_port)

start_cpl_proxy() { # start_cpl_proxy NAME CLOCK [CONFIGURATION]
    start "$1" env TZ=Europe/Berlin "$MINIPROXY" -f "${3:-$shared/configs/cpl-routing.cfg}" --listen "127.0.0.1:$proxy" \
        --domain test.local --fifo "$WORK/fifo" --control "$socket" -E "${database[@]}" --cpl-clock "$2"
    wait_udp "$proxy" "$1"
}
ctl() { "$MINIPROXY" ctl --socket "$socket" "$@"; }
# script NAME: a script of the guide's, with ports here for its hosts and 2 seconds for its 8.
script() {
    sed "s/pc\.server\.com/127.0.0.1:$pc/; s/pda\.server\.com/127.0.0.1:$voicemail/
        s/voicemail\.server\.com/127.0.0.1:$voicemail/; s/timeout=\"8\"/timeout=\"2\"/" \
        "$shared/cpl/corrected/$1.xml" >"$WORK/$1.xml"
    echo "$WORK/$1.xml"
}
# scenario FILE SED: a scenario of the calls', changed, with time enough for scripts that wait.
scenario() {
    local to="$WORK/$RANDOM$RANDOM.xml"
    sed "s/timeout=\"8000\"/timeout=\"20000\"/; $2" "$calls/$1" >"$to"
    echo "$to"
}
start_callee() { # start_callee NAME PORT FILE [SED]
    start "$1" sipp -i 127.0.0.1 -p "$2" -sf "$(scenario "$3" "${4:-}")" -m 1 -nostdin -timeout 25 -timeout_error -trace_err \
        -error_file "$WORK/$1.errors.log"
    wait_udp "$2" "$1"
}
ended() { # ended NAME: the callee has had its call.
    local pid="pid_$1"
    wait "${!pid}" || fail "$1 ended with $?"
}
# answered NAME USER [FROM]: a call that somebody takes.
answered() {
    sipp_run "$1" "127.0.0.1:$proxy" -p "$(free_port)" -sf "$(scenario caller.xml "s/sip:caller@/sip:${3:-caller}@/")" \
        -s "$2" -m 1 -d 20 -timeout 25
}
# refused NAME USER STATUS [FROM]
refused() {
    sipp_run "$1" "127.0.0.1:$proxy" -p "$(free_port)" -s "$2" -m 1 -timeout 25 -sf "$(scenario caller-who-is-refused.xml \
        "s/sip:caller@/sip:${4:-caller}@/; s/response=\"486\"/response=\"$3\"/")"
}
# upload NAME USER STATUS ACTION [FILE]: by REGISTER.
upload() {
    cat >"$WORK/$1.xml" <<SCENARIO
<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="upload"><send retrans="500"><![CDATA[
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:$2@test.local>;tag=[pid]r[call_number]
To: <sip:$2@test.local>
Call-ID: [call_id]
CSeq: 1 REGISTER
Content-Type: application/cpl+xml
Content-Disposition: script;action=$4
Content-Length: [len]

$([ -z "${5:-}" ] || cat "$5")
]]></send><recv response="$3" timeout="5000"/></scenario>
SCENARIO
    sipp_run "$1" "127.0.0.1:$proxy" -p "$(free_port)" -sf "$WORK/$1.xml" -m 1 -timeout 10 -trace_msg \
        -message_file "$WORK/$1.messages"
}

# The whole of it, with the database that "${database[@]}" names.
route_by_scripts() {
start_cpl_proxy proxy 2026-11-25T10:00:00 # A Wednesday, at work.
register_user 2001 "$pc" "$proxy"

echo "no script: the configuration goes on, to a phone that is there and to one that is not"
start_callee plain "$pc" callee.xml
answered plain_caller 2001
ended plain
refused nobody_there 2002 404

echo "screening"
ctl cpl load 2001@test.local "$(script call-screening)" || fail "load"
refused screened 2001 603 2000
start_callee friend "$pc" callee.xml
answered friend_caller 2001
ended friend

echo "busy and no answer to voicemail"
ctl fifo LOAD_CPL 2001@test.local "$(script forward-busy-noanswer)" | grep -qx OK || fail "LOAD_CPL"
start_callee busy "$pc" callee-who-is-busy.xml
start_callee mailbox1 "$voicemail" callee.xml
answered busy_caller 2001
ended busy
ended mailbox1
start_callee rings "$pc" callee-who-rings.xml
start_callee mailbox2 "$voicemail" callee.xml
answered patient_caller 2001
ended rings
ended mailbox2

echo "one phone after the other, only when nobody answers"
ctl cpl load 2001 "$(script serial-forking)" || fail "load"
start_callee busy2 "$pc" callee-who-is-busy.xml
refused serial_busy 2001 486
ended busy2

echo "upload by REGISTER, and what is wrong with a script"
upload uploaded 2001 200 store "$(script call-screening)"
refused screened_again 2001 603 2000
ctl cpl show 2001 >"$WORK/shown.xml" || fail "show"
expect_text "$WORK/shown.xml" '<reject status="reject"'
upload wrong 2001 400 store "$shared/cpl/complex-boss.xml"
grep -qE "^SIP/2.0 400 CPL script refused at [0-9]+:[0-9]+: " "$WORK/wrong.messages" || fail "no line and column"
refused still_screened 2001 603 2000
ctl cpl load 2001 "$shared/cpl/complex-boss.xml" >"$WORK/out" 2>&1 && fail "a wrong script was taken"
expect_text "$WORK/out" "the script was refused: "
upload removed 2001 200 remove
ctl cpl show 2001 >"$WORK/out" 2>&1 && fail "the script is still there"
expect_text "$WORK/out" "2001 has no script"

echo "time switch: at work the phone, on Saturday the voicemail"
ctl cpl load 2001 "$(script time-switch)" || fail "load"
start_callee office "$pc" callee.xml
answered office_caller 2001
ended office
stop proxy
start_cpl_proxy saturday 2026-11-28T10:00:00
register_user 2001 "$pc" "$proxy"
start_callee mailbox3 "$voicemail" callee.xml
answered weekend_caller 2001
ended mailbox3
stop saturday
start_cpl_proxy evening 2026-11-25T17:30:00
register_user 2001 "$pc" "$proxy"
start_callee mailbox4 "$voicemail" callee.xml
answered evening_caller 2001
ended mailbox4
ctl fifo REMOVE_CPL 2001@test.local | grep -qx OK || fail "REMOVE_CPL"
stop evening

echo "a redirection goes to the caller, and is followed where proxy_recurse says so"
moved="s/486 Busy Here/302 Moved Temporarily/; s/Content-Length: 0/Contact: <sip:mailbox@127.0.0.1:$voicemail>\\n      &/"
echo "<cpl><incoming><location url=\"sip:2001@127.0.0.1:$pc\"><proxy/></location></incoming></cpl>" >"$WORK/desk.xml"
start_cpl_proxy redirecting 2026-11-25T10:00:00
ctl cpl load 2001 "$WORK/desk.xml" || fail "load"
start_callee moved1 "$pc" callee-who-is-busy.xml "$moved"
refused told_where 2001 302
ended moved1
stop redirecting
{ cat "$shared/configs/cpl-routing.cfg"; echo 'modparam("cpl-c", "proxy_recurse", 2)'; } >"$WORK/following.cfg"
start_cpl_proxy following 2026-11-25T10:00:00 "$WORK/following.cfg"
start_callee moved2 "$pc" callee-who-is-busy.xml "$moved"
start_callee mailbox5 "$voicemail" callee.xml
answered followed_caller 2001
ended moved2
ended mailbox5
stop following
echo "screened, forwarded, uploaded, refused, by the clock"
}
