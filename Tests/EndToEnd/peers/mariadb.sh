# A MariaDB server of a scenario's own, to be sourced behind lib.sh.

# start_mariadb NAME PORT: on 127.0.0.1:PORT and in a folder of its own, as nobody where we are root. It has a database
# `ser` that ser/heslo may change, as the documents' scripts want it. Its folder is $mariadb_NAME.
start_mariadb() {
    need mariadbd mariadb-install-db mariadb
    local folder as=()
    folder=$(mktemp -d "${TMPDIR:-/tmp}/sipkit-mariadb.XXXXXX")
    mariadb_folders+=("$folder")
    mariadb_names+=("$1")
    printf -v "mariadb_$1" %s "$folder"
    if [ "$(id -u)" = 0 ]; then
        chown nobody "$folder"
        as=(--user=nobody)
    fi
    mariadb-install-db --no-defaults "${as[@]}" --datadir="$folder/data" --auth-root-authentication-method=normal \
        --skip-test-db >"$WORK/$1-install.log" 2>&1 || fail "mariadb-install-db ended with $?"
    run_mariadb "$1" "$2"
    mariadb_sql "$1" "CREATE DATABASE ser; CREATE USER ser@localhost IDENTIFIED BY 'heslo';
        CREATE USER ser@'127.0.0.1' IDENTIFIED BY 'heslo';
        GRANT ALL ON ser.* TO ser@localhost; GRANT ALL ON ser.* TO ser@'127.0.0.1'" || fail "no database could be made"
}
# run_mariadb NAME PORT: starts the server of a folder that is there.
run_mariadb() {
    local folder="mariadb_$1" as=()
    [ "$(id -u)" = 0 ] && as=(--user=nobody)
    start "$1" mariadbd --no-defaults "${as[@]}" --datadir="${!folder}/data" --socket="${!folder}/socket" --port="$2" \
        --bind-address=127.0.0.1 --pid-file="${!folder}/pid" --innodb-buffer-pool-size=16M \
        --skip-log-bin --performance-schema=0
    wait_for 30 mariadb_sql "$1" "SELECT 1" || fail "mariadbd does not answer"
}
# mariadb_sql NAME SQL: as root, without heads and borders.
mariadb_sql() {
    local folder="mariadb_$1"
    mariadb --no-defaults --socket="${!folder}/socket" -uroot -N -B -e "$2" "${@:3}" 2>"$WORK/$1-sql.log"
}
mariadb_names=()
mariadb_folders=()
# Stopped before its folder goes; the rest of the scenario's end is lib.sh's.
end_mariadb() {
    local status=$? name
    for name in "${mariadb_names[@]}"; do stop "$name"; done
    rm -rf "${mariadb_folders[@]}"
    return $status
}
trap 'end_mariadb; cleanup' EXIT
