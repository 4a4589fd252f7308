# Programs that run sipsak and read what it prints: each gets what it looks for from the server at $port.
# `test-kamailio` and `test-miniproxy` source this.
at="127.0.0.1:$port"
dead=$(free_port)
start silent python3 -c "import socket,time; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('127.0.0.1',$dead)); time.sleep(80)"
wait_udp "$dead" silent
code() { # code EXPECTED WORDS…: standard output in $out
    local wanted=$1 got
    shift
    out=$("$SIPSAK" "$@" 2>"$WORK/err")
    got=$?
    [ $got = "$wanted" ] || fail "sipsak $*: code $got and not $wanted: $out $(cat "$WORK/err")"
}

# SmokePing's SipSak.pm: one number for each run.
code 0 -vv -A 5 -s "sip:here@$at" --numeric --password=x
count=$(grep -cE '^(\s+and|\*\*\sreply\sreceived\safter)\s([0-9]+\.[0-9]+)\sms\s' <<<"$out")
[ "$count" = 5 ] || fail "SmokePing finds $count times in: $out"

# Pacemaker's resource agent for Asterisk: 0 runs, 1 and 2 an error, 3 not running.
code 0 -s "sip:here@$at"
code 1 -s "sip:busy@$at"
code 3 -D 1 -s "sip:here@127.0.0.1:$dead"
code 3 -s sip:here@127.0.0.1:9

# Kamailio's serresponse: the text of a refused port.
both=$("$SIPSAK" -v -n -s sip:here@127.0.0.1:9 2>&1)
grep -q "Connection refused" <<<"$both" || fail "serresponse: no 'Connection refused' in $both"

# check_sip_registration (Nagios): the last line, the time, and the SIP status on failure.
code 0 -U -N -v -s "sip:bob@$at"
grep -qE 'received last message [0-9.]+ ms' <<<"$out" || fail "no time of the last message: $out"
[ "$(tail -1 <<<"$out")" = "SIP ok" ] || fail "the last line is not SIP ok: $out"
code 2 -N -v -s "sip:busy@$at"
grep -q 'SIP/2.0 486' <<<"$out" || fail "no status: $out"
[ "$(tail -1 <<<"$out")" = "SIP failure" ] || fail "the last line is not SIP failure: $out"
code 2 --nagios-code --sip-uri "sip:here@127.0.0.1:$dead" --timeout-factor 1

# Container health checks: give up at the first timer.
begun=$(date +%s%N)
code 3 -D 1 -s "sip:health@127.0.0.1:$dead"
took=$((($(date +%s%N) - begun) / 1000000))
[ $took -ge 500 ] && [ $took -lt 3000 ] || fail "-D 1 took $took ms"

# The forms of kamailio-tests: 28 command lines as its units have them.
agent=$(free_port)
start agent "$SIPSAK" --uas -l "$agent" -k 127.0.0.1
wait_udp "$agent" agent
block() { grep -q '^All usrloc tests completed successful\.$' <<<"$out" || fail "no end block: $out"; }
printf 'OPTIONS sip:here@%s SIP/2.0\nFrom: <sip:u@h>;tag=1\nTo: <sip:here@h>\nCall-ID: unit%s\nCSeq: 1 OPTIONS\n\n' "$at" $$ \
    >"$WORK/unit.sip"
code 0 -s "sip:here@$at"
code 0 -v -s "sip:here@$at"
grep -q '^SIP/2.0 200 OK' <<<"$out" || fail "no answer at -v: $out"
code 0 -vv -s "sip:here@$at"
code 1 -s "sip:busy@$at"
code 1 -v -s "sip:busy@$at"
code 1 -s "sip:nobody@$at"
code 1 -v -s "sip:nobody@$at"
code 3 -D 1 -s "sip:silent@$at"
code 0 -U -s "sip:alice@$at" -C "sip:alice@127.0.0.1:$agent"
code 0 -M -B "x" -s "sip:alice@$at"
code 0 -B "x" -s "sip:alice@$at"
code 0 -v -M -B "x" -O inline -c "sip:me@$at" -s "sip:alice@$at"
code 1 -M -B "hello" -s "sip:nobody@$at"
code 1 -M -s "sip:nobody@$at"
code 0 -U -M -s "sip:carl@$at"
code 0 -v -U -I -s "sip:carl@$at"
block
code 0 -u www -a secret -H 127.0.0.1 -c "sip:www@$at" -s "sip:here@$at"
code 0 -U -s "sip:www@$at" -u www -a secret -H 127.0.0.1 -c "sip:www@$at"
code 2 -U -s "sip:www@$at" -u www -a wrong -H 127.0.0.1
code 0 -s "sip:here@$at" -H localhost --headers 'X-A: 1\n'
code 0 -v -s "sip:here@$at" -H localhost --headers 'X-A: 1\nX-B: 2\n'
code 0 -vvv -U -i -l "$(free_port)" -s "sip:bob@$at"
block
code 0 -U -C none -s "sip:alice@$at"
code 0 -U -C star -x 0 -s "sip:alice@$at"
code 0 -U -x 60 -s "sip:bob@$at"
code 0 -f "$WORK/unit.sip" -s "sip:here@$at"
code 0 -T -s "sip:here@$at"
code 0 -p "$at" -s sip:here@example.org

# Scripts in the wild.
code 0 -v -p 127.0.0.1 -r "$port" -G -f - -s sip:here@example.org <<<'OPTIONS sip:$user$@$dsthost$ SIP/2.0
From: <sip:x@$srchost$>;tag=1
To: <sip:$user$@$dsthost$>
Call-ID: wild@$srchost$
CSeq: 1 OPTIONS
Max-Forwards: 70'
grep -qE 'Server|User-Agent' <<<"$out" || fail "no Server line: $out"
code 0 -vv -s "sip:here@$at"
grep -qE '(200|401|407)' <<<"$out" || fail "no code: $out"

# SER's harv and secfilter know the tool by its User-Agent.
code 0 --print -s "sip:a@$at"
grep -qE '^User-Agent: sipsak ' <<<"$out" || fail "the User-Agent: $out"
[[ $("$SIPSAK" -V | head -1) == "sipsak "*"  by "* ]] || fail "the first line of -V: $("$SIPSAK" -V | head -1)"
echo "all consumers served"
