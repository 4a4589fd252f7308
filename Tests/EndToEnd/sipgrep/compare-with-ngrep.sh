#!/usr/bin/env bash
# sipgrep's ngrep forms against Debian's ngrep 1.47, byte for byte, on a capture of 100 SIPp calls.
#
#   compare-with-ngrep.sh [path to sipgrep]
#
# Needs ngrep, sipp, and the right to capture on the loopback. Ends with the number of differences.
set -u
sipgrep=$(realpath "${1:-.build/debug/sipgrep}")
for peer in ngrep sipp; do command -v $peer >/dev/null || { echo "skipped: $peer is not installed"; exit 0; }; done
folder=$(mktemp -d); cd "$folder" || exit 2
uas=$((21000 + RANDOM % 10000)); uac=$((uas + 1))
started=()
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done; rm -rf "$folder"' EXIT

timeout 60 "$sipgrep" -d lo -q -O calls.pcap '' port $uas >/dev/null 2>capture.err & capture=$!; started+=($capture)
timeout 60 sipp -sn uas -i 127.0.0.1 -p $uas -nostdin >/dev/null 2>&1 & started+=($!)
sleep 1
timeout 50 sipp -sn uac 127.0.0.1:$uas -i 127.0.0.1 -p $uac -m 100 -r 100 -nostdin >/dev/null 2>&1
sleep 0.5; kill -INT $capture; wait $capture
[ -s calls.pcap ] || { echo "skipped: no capture ($(cat capture.err))"; exit 0; }

compared=0; different=0
while read -r options; do
    for form in byline normal single none; do
        for match in BYE 'INVITE sip' . nothing-like-it invite 'Contact.*sipp'; do
            # shellcheck disable=SC2086
            "$sipgrep" -W $form $options -I calls.pcap "$match" port $uas >ours 2>/dev/null; ours=$?
            # shellcheck disable=SC2086
            ngrep -W $form $options -I calls.pcap "$match" port $uas >theirs 2>/dev/null; theirs=$?
            compared=$((compared + 1))
            # With -v, ngrep's exit code tells of the expression and not of what was shown; ours tells what was shown.
            [[ $options == -v ]] && theirs=$ours
            if ! cmp -s ours theirs || [ $ours != $theirs ]; then
                different=$((different + 1)); echo "differs: -W $form $options '$match' (exit $ours, ngrep $theirs)"
            fi
        done
    done
done <<'OPTIONS'

-q
-qq
-qqq
-t
-T -T
-v
-i
-w
-n 3
-A 2
-N
-P _
-S 50
-c 100
-M
OPTIONS
echo "$compared outputs compared, $different differ"
exit $((different > 0))
