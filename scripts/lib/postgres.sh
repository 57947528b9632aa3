#!/usr/bin/env bash
# A private PostgreSQL in $1/postgres. Sourced by servers.sh, which provides the ports and the password.

postgres_bin() {
    local newest
    newest=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
    [[ -n $newest ]] || { echo "error: no PostgreSQL server in /usr/lib/postgresql" >&2; return 1; }
    dirname "$newest"
}

# PostgreSQL refuses to run as root, and whoever starts it has to own its files. The working directory changes because
# the postgres user may not be allowed in ours.
as_postgres() (
    cd /
    if ((EUID != 0)); then
        "$@"
    else
        setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/ "$@"
    fi
)

create_postgres() {
    local dir=$1/postgres bin
    bin=$(postgres_bin) || return 1
    mkdir -m 0700 "$dir"
    [[ -z ${SERVERS_POSTGRES_DISK:-} ]] || mount_postgres "$1" "$SERVERS_POSTGRES_DISK" || return 1
    printf '%s\n' "$SERVERS_PASSWORD" >"$dir/password"
    if ((EUID == 0)); then
        chown -R postgres: "$dir"
        if ! as_postgres test -x "$dir"; then
            echo "error: the postgres user cannot enter $dir; give a directory below /tmp" >&2
            return 1
        fi
    fi
    # The data directory need not outlive a power cut, so creating it skips the fsyncs that the server itself keeps.
    as_postgres "$bin/initdb" --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" --auth=scram-sha-256 \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions >"$1/initdb.log" 2>&1 ||
        { cat "$1/initdb.log" >&2; return 1; }
    as_postgres tee -a "$dir/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $POSTGRES_PORT
unix_socket_directories = '$dir'
max_connections = 200
# As on a production server: what the tests and the benchmark see must be durable. Memory is sized for a small machine.
fsync = on
shared_buffers = 256MB
max_wal_size = 2GB
wal_compression = on
checkpoint_timeout = 15min
log_line_prefix = '%m [%p] %a '
CONF
    start_postgres "$1" || return 1
    # `sms` is the database name of the default DATABASE_URL.
    PGPASSWORD=$SERVERS_PASSWORD "$bin/psql" -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d postgres -XqAt \
        -c 'CREATE DATABASE sms' </dev/null
}

start_postgres() { postgres_ctl "$1" start; }
stop_postgres() { postgres_ctl "$1" stop -m "${2:-fast}"; }
restart_postgres() { postgres_ctl "$1" restart -m "${2:-fast}"; }

# pg_ctl waits until the server answers (or is gone) and finds it by the pid file of this very data directory.
postgres_ctl() {
    local dir=$1/postgres bin log=$1/pg_ctl.log
    shift
    bin=$(postgres_bin) || return 1
    as_postgres "$bin/pg_ctl" "$@" --wait --timeout="$SERVERS_TIMEOUT" --pgdata="$dir/data" \
        --log="$dir/postgres.log" >"$log" 2>&1 </dev/null && return 0 # a bare `return` means another status in a trap
    { cat "$log"; as_postgres tail -n 20 "$dir/postgres.log"; } >&2
    return 1
}

# A disk of its own, that can be full. What is in it lasts until it is unmounted.
mount_postgres() {
    as_root mount -t tmpfs -o "size=$2,mode=0700" tmpfs "$1/postgres" &&
        as_root chown "$(id -u):$(id -g)" "$1/postgres" && echo "$2" >"$1/postgres.size"
}

# The last processes of a server that has just been stopped may not have left it yet.
unmount_postgres() {
    local deadline=$((SECONDS + 10)) told
    while mountpoint -q "$1/postgres"; do
        told=$(as_root umount "$1/postgres" 2>&1) && return 0
        ((SECONDS < deadline)) || { echo "error: $told" >&2; return 1; }
        sleep 0.1
    done
}

# fill_postgres_disk DIR [KIB]: no more than that fits on it any more.
fill_postgres_disk() {
    local used told deadline=$((SECONDS + 10))
    [[ -r $1/postgres.size ]] || { echo "error: start the servers with SERVERS_POSTGRES_DISK set" >&2; return 1; }
    # A server at work may hold more by the time of the second command, which then fails.
    until used=$(df --output=used -k "$1/postgres" | tail -n 1) &&
        told=$(as_root mount -o "remount,size=$((used + ${2:-0}))k" "$1/postgres" 2>&1); do
        ((SECONDS < deadline)) || { echo "error: $told" >&2; return 1; }
    done
}

# The server may have ended, when there was no room for its log.
free_postgres_disk() {
    local deadline=$((SECONDS + SERVERS_TIMEOUT))
    as_root mount -o "remount,size=$(<"$1/postgres.size")" "$1/postgres" || return 1
    until postgres_answers; do
        if ((SECONDS >= deadline)); then
            echo "error: PostgreSQL did not come back" >&2
            return 1
        fi
        postgres_is_running "$1" || start_postgres "$1" || true
        sleep 0.2
    done
}

postgres_answers() {
    PGPASSWORD=$SERVERS_PASSWORD "$(postgres_bin)/psql" -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d postgres \
        -XqAt -c 'SELECT 1' </dev/null >/dev/null 2>&1
}

postgres_is_running() { [[ -f $1/postgres/data/postmaster.pid ]]; }
