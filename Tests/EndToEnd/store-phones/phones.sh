# What both databases must do with the documents' script: sourced by the scenarios beside it, which set `database` (the
# options of miniproxy) and have put the users 1000/password1 and 1001/password2 into it.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
configs="$here/../../../../shared/ser/configs"
[ -f "$configs/authenticating-mysql.cfg" ] || skip "../shared/ser/configs is not there"
need sipp
socket="$WORK/ctl.sock"
proxy=$(free_port)

# The script as printed; only what belongs to the machine is said on the command line.
start_phones_proxy() {
    start "$1" "$MINIPROXY" -f "$configs/authenticating-mysql.cfg" --listen "127.0.0.1:$proxy" --domain test.local \
        --fifo "$WORK/fifo" --control "$socket" -E "${database[@]}"
    wait_udp "$proxy" "$1"
}
ctl() { "$MINIPROXY" ctl --socket "$socket" "$@"; }
credentials() { printf 'SEQUENTIAL\n[authentication username=%s password=%s];\n' "$1" "$2" >"$WORK/$1.in"; }

# register SCENARIO USER AUTHUSER PASSWORD CONTACT_PORT
register() {
    credentials "$3" "$4"
    sipp_run "register-$2-$RANDOM" "127.0.0.1:$proxy" -p "$(free_port)" -sf "$here/$1.xml" -inf "$WORK/$3.in" -s "$2" \
        -key contact_port "$5" -m 1 -timeout 10
}

check_phones() {
    callee=$(free_port)
    start_phones_proxy proxy

    register register 1001 1001 password2 "$callee"
    register register-refused 1000 1000 wrong 9 # The password.
    register register-refused 1001 1000 password1 9 # check_to: registers for somebody else.
    register register-refused 1000 nobody password1 9
    credentials 1000 password1
    sipp_run as-another "127.0.0.1:$proxy" -p "$(free_port)" -sf "$here/invite-as-another.xml" -inf "$WORK/1000.in" -m 1 \
        -timeout 10

    # A second registration of the same contact replaces the first.
    register register 1001 1001 password2 "$callee"
    [ "$(ctl ul show 1001 | wc -l)" = 1 ] || fail "1001 has not one contact: $(ctl ul show 1001)"

    # What was registered is there after a restart, and is called.
    stop proxy
    expect_text "$WORK/proxy.log" "stopped by SIGTERM"
    start_phones_proxy again
    expect_text <(ctl ul show 1001) "<sip:1001@127.0.0.1:$callee>"
    start callee sipp -i 127.0.0.1 -p "$callee" -sf "$here/../calls/callee.xml" -m 5 -nostdin -timeout 30
    wait_udp "$callee" callee
    printf 'SEQUENTIAL\n1000;[authentication username=1000 password=password1];\n' >"$WORK/caller.in"
    sipp_run caller "127.0.0.1:$proxy" -p "$(free_port)" -sf "$here/../calls/caller-with-password.xml" \
        -inf "$WORK/caller.in" -s 1001 -r 10 -m 5 -d 20 -timeout 20
    wait "$pid_callee" || fail "the callee ended with $?"
    expect_figure caller SuccessfulCall 5
    grep -q password1 "$WORK"/proxy.log "$WORK"/again.log && fail "a password is in the log"
    check_baresip
    check_linphone
    echo "registered, refused, replaced, restarted, called"
}

# Two baresips, of which one calls the other.
check_baresip() {
    command -v baresip >/dev/null || { echo "baresip is not installed"; return; }
    local port user
    for user in 1001 1000; do
        port=$(free_port)
        baresip_folder "$WORK/$user" "$user" "$([ $user = 1000 ] && echo password1 || echo password2)" "$port" \
            "$([ $user = 1001 ] && echo auto || echo manual)"
    done
    start baresip1001 baresip -f "$WORK/1001" -t 25
    wait_for 10 grep -q '200 OK' "$WORK/baresip1001.log" || fail "baresip did not register"
    ctl ul rm 1001 "sip:1001@127.0.0.1:$callee" >/dev/null
    start baresip1000 baresip -f "$WORK/1000" -e "/dial sip:1001@test.local" -t 5
    wait "$pid_baresip1000"
    stop baresip1001 INT
    expect_text "$WORK/baresip1000.log" "Call established"
    expect_text "$WORK/baresip1001.log" "Call established"
}

# linphonec registers with a password.
check_linphone() {
    command -v linphonec >/dev/null || { echo "linphonec is not installed"; return; }
    mkdir -p "$WORK/linphone/.local/share/linphone"
    local port
    port=$(free_port)
    cat >"$WORK/linphone/rc" <<CONFIG
[sip]
sip_port=$port
sip_tcp_port=-2
sip_tls_port=-2
guess_hostname=0
bind_address=127.0.0.1
auto_net_state_mon=0
register_only_when_network_is_up=0
default_proxy=0
[net]
auto_net_state_mon=0
[video]
capture=0
display=0
enabled=0
[sound]
playback_dev_id=ANY FILE: ANY FILE
ringer_dev_id=ANY FILE: ANY FILE
capture_dev_id=ANY FILE: ANY FILE
[proxy_0]
reg_proxy=<sip:127.0.0.1:$proxy;transport=udp>
reg_route=<sip:127.0.0.1:$proxy;transport=udp;lr>
reg_identity=sip:1000@test.local
reg_expires=120
reg_sendregister=1
[auth_info_0]
username=1000
passwd=password1
realm=test.local
CONFIG
    (sleep 4; echo "status register"; sleep 1; echo quit; sleep 1) | HOME="$WORK/linphone" timeout 12 linphonec -c "$WORK/linphone/rc" -d 0 \
        >"$WORK/linphone.log" 2>&1
    grep -q "^registered, identity=sip:1000@" "$WORK/linphone.log" || fail "linphonec did not register"
}

# baresip_folder FOLDER USER PASSWORD PORT ANSWERMODE
baresip_folder() {
    local modules
    modules=$(dirname "$(find /usr/lib -path '*baresip/modules/account.so' | head -1)")
    mkdir -p "$1"
    python3 -c 'import sys, wave
with wave.open(sys.argv[1], "wb") as sound:
    sound.setparams((1, 2, 8000, 8000, "NONE", ""))
    sound.writeframes(bytes(16000))' "$1/8k.wav"
    cat >"$1/config" <<CONFIG
sip_listen 127.0.0.1:$4
net_interface 127.0.0.1
module_path $modules
module account.so
module menu.so
module aufile.so
module g711.so
audio_player aufile,$1/heard.wav
audio_source aufile,$1/8k.wav
audio_alert aufile,$1/heard.wav
rtp_ports $((36000 + RANDOM % 2000 * 10))-$((56000 + RANDOM % 2000))
CONFIG
    echo "<sip:$2@test.local;transport=udp>;auth_user=$2;auth_pass=$3;answermode=$5;regint=60;outbound=\"sip:127.0.0.1:$proxy\"" \
        >"$1/accounts"
    : >"$1/contacts"
}
