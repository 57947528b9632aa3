#!/usr/bin/env bash
# Private PostgreSQL and RabbitMQ servers for tests: all they have lies in one directory, they listen on 127.0.0.1 only,
# and any number of such pairs can run side by side. Source it; it only defines functions.

SERVERS_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/processes.sh
source "$SERVERS_LIB/processes.sh"
# shellcheck source=scripts/lib/root.sh
source "$SERVERS_LIB/root.sh"
# shellcheck source=scripts/lib/postgres.sh
source "$SERVERS_LIB/postgres.sh"
# shellcheck source=scripts/lib/rabbitmq.sh
source "$SERVERS_LIB/rabbitmq.sh"

SERVERS_TIMEOUT=${SERVERS_TIMEOUT:-600} # seconds; for each start and each stop, to end what hangs
SERVERS_STARTERS=()

# start_servers DIR: makes both in DIR (created, or empty), then exports DATABASE_URL and AMQP_URL.
start_servers() {
    local dir=$1 began=$EPOCHREALTIME starter status=0
    mkdir -p "$dir" || return 1
    if [[ -n $(ls -A "$dir") ]]; then
        echo "error: $dir is not empty" >&2
        return 1
    fi
    chmod 0711 "$dir" # the postgres user passes through to its own folder
    SERVERS_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    free_ports POSTGRES_PORT AMQP_PORT EPMD_PORT DIST_PORT || return 1
    (umask 077 && cat >"$dir/servers.env") <<ENV
SERVERS_PASSWORD=$SERVERS_PASSWORD
POSTGRES_PORT=$POSTGRES_PORT AMQP_PORT=$AMQP_PORT EPMD_PORT=$EPMD_PORT DIST_PORT=$DIST_PORT
ENV
    create_postgres "$dir" &
    SERVERS_STARTERS=($!)
    create_rabbitmq "$dir" &
    SERVERS_STARTERS+=($!)
    for starter in "${SERVERS_STARTERS[@]}"; do
        wait "$starter" || status=1
    done
    ((status == 0)) || { withdraw_servers "$dir" || true; return 1; }
    load_servers "$dir" || return 1
    local took=$(((${EPOCHREALTIME//[.,]/} - ${began//[.,]/}) / 100000))
    echo "PostgreSQL and RabbitMQ ready in $((took / 10)).$((took % 10)) s ($dir)" >&2
}

# load_servers DIR: exports the addresses of servers that another process started.
load_servers() {
    [[ -r $1/servers.env ]] || { echo "error: no servers in $1" >&2; return 1; }
    # shellcheck disable=SC1091
    source "$1/servers.env"
    export DATABASE_URL="postgres://postgres:$SERVERS_PASSWORD@127.0.0.1:$POSTGRES_PORT/sms?sslmode=disable"
    export AMQP_URL="amqp://smsbcast:$SERVERS_PASSWORD@127.0.0.1:$AMQP_PORT/"
}

# remove_servers DIR: stops both, and leaves nothing of them.
remove_servers() { withdraw_servers "$1" && rm -rf "$1"; }

# withdraw_servers DIR: stops both and takes PostgreSQL's own disk away; what lies elsewhere stays, for whoever looks into
# a start that failed.
withdraw_servers() {
    local status=0
    stop_servers "$1" || status=1
    unmount_postgres "$1" || status=1
    return "$status"
}

# stop_servers DIR: ends whatever of the two runs, also after a start that failed or was interrupted half-way.
# It does so the quick way, as a power cut would.
stop_servers() {
    local status=0
    # A server that is only just being created cannot be found yet; SERVERS_TIMEOUT bounds this.
    ((${#SERVERS_STARTERS[@]} == 0)) || wait "${SERVERS_STARTERS[@]}" 2>/dev/null || true
    SERVERS_STARTERS=()
    if postgres_is_running "$1"; then
        stop_postgres "$1" immediate || status=1
    fi
    stop_rabbitmq "$1" KILL || status=1
    return "$status"
}
