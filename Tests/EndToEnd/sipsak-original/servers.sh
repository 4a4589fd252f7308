# start_server NAME PORT [next=PORT] [noisy]: the registrar of kamailio.cfg and miniproxy.cfg, or a proxy in front of it.
# $SERVER says which.
servers_folder=$(dirname "${BASH_SOURCE[0]}")
start_server() {
    local name=$1 port=$2 word next="" noisy=""
    shift 2
    for word in "$@"; do
        case $word in
            next=*) next=${word#next=} ;;
            noisy) noisy=yes ;;
        esac
    done
    if [ "$SERVER" = kamailio ]; then
        local defines=()
        [ -n "$next" ] && defines+=(-A "NEXT_PORT=$next")
        [ -n "$noisy" ] && defines+=(-A WITH_WARNING)
        mkdir -p "$WORK/$name.run"
        start "$name" kamailio -f "$servers_folder/kamailio.cfg" -l "udp:127.0.0.1:$port" -n 1 -DD -E -m 64 -M 8 \
            -w "$WORK/$name.run" -Y "$WORK/$name.run" -P "$WORK/$name.run/pid" "${defines[@]}"
    else
        local options=(--user www:secret --user www1:secret --user www2:secret --user prx:secret --domain 127.0.0.1)
        [ -n "$noisy" ] || options+=(--no-warning)
        sed -e "s/@PORT@/$port/; s/@NEXT@/${next:-9}/; ${next:+s/#!ifdef NEXT/#!ifndef NEXT/}" \
            "$servers_folder/miniproxy.cfg" >"$WORK/$name.cfg"
        start "$name" "$MINIPROXY" --listen "udp:127.0.0.1:$port" -f "$WORK/$name.cfg" "${options[@]}"
    fi
    wait_udp "$port" "$name"
}
