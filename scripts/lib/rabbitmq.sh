#!/usr/bin/env bash
# A private one-node RabbitMQ in $1/rabbitmq. Sourced by servers.sh, which provides the ports and the password.

# /usr/sbin/rabbitmq-server on Debian is a wrapper that switches to the system's rabbitmq user; this is the real one.
RABBITMQ_BIN=/usr/lib/rabbitmq/bin

# rabbitmq_env DIR: sets RABBITMQ_ENV, the prefix that gives a RabbitMQ program an environment which names this node and
# nothing else: neither the caller's RABBITMQ_* nor /etc/rabbitmq leak in, and no other node of the machine is met.
rabbitmq_env() {
    local dir=$1/rabbitmq loopback='-kernel inet_dist_use_interface {127,0,0,1}'
    RABBITMQ_ENV=(
        env -i PATH="$PATH" LANG=C.UTF-8 HOME="$dir"
        ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$EPMD_PORT"
        ERL_CRASH_DUMP="$dir/log/erl_crash.dump"
        RABBITMQ_NODENAME="smsbcast-$AMQP_PORT@localhost" RABBITMQ_DIST_PORT="$DIST_PORT"
        RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CONFIG_FILE="$dir/rabbitmq.conf"
        RABBITMQ_ADVANCED_CONFIG_FILE="$dir/advanced.config" RABBITMQ_GENERATED_CONFIG_DIR="$dir/generated"
        RABBITMQ_ENABLED_PLUGINS_FILE="$dir/enabled_plugins" RABBITMQ_PLUGINS_EXPAND_DIR="$dir/plugins"
        RABBITMQ_MNESIA_BASE="$dir/mnesia" RABBITMQ_LOG_BASE="$dir/log" RABBITMQ_PID_FILE="$dir/node.pid"
        # Makes the start script exec the Erlang VM, so that the process we start is the VM itself.
        RUNNING_UNDER_SYSTEMD=true
        # Idle schedulers must not spin: on a small machine that takes the CPU from what is being tested.
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+sbwt none +sbwtdcpu none +sbwtdio none $loopback"
        RABBITMQ_CTL_ERL_ARGS="$loopback"
    )
}

create_rabbitmq() {
    local dir=$1/rabbitmq
    mkdir -m 0700 "$dir" "$dir/log"
    # Erlang's shared secret; the node refuses a cookie file that others can read.
    (umask 077 && printf '%s' "$SERVERS_PASSWORD" >"$dir/.erlang.cookie")
    echo '[].' >"$dir/enabled_plugins"
    cat >"$dir/rabbitmq.conf" <<CONF
listeners.tcp.local = 127.0.0.1:$AMQP_PORT
default_user = smsbcast
default_pass = $SERVERS_PASSWORD
vm_memory_high_watermark.absolute = 2GB
disk_free_limit.absolute = 50MB
# The write-ahead log of quorum queues grows to this in memory as well as on disk; the default is 512 MB.
raft.wal_max_size_bytes = 64000000
CONF
    start_rabbitmq "$1"
}

start_rabbitmq() {
    local dir=$1/rabbitmq deadline=$((SECONDS + SERVERS_TIMEOUT))
    [[ -x $RABBITMQ_BIN/rabbitmq-server ]] || { echo "error: no RabbitMQ in $RABBITMQ_BIN" >&2; return 1; }
    # Our own epmd first: left to itself the VM would start one as a daemon that outlives everything here.
    rabbitmq_env "$1"
    launch "$dir/epmd.pid" "$dir/log/epmd.log" "${RABBITMQ_ENV[@]}" epmd
    launch "$dir/vm.pid" "$dir/log/startup.log" "${RABBITMQ_ENV[@]}" "$RABBITMQ_BIN/rabbitmq-server"
    until amqp_answers "$AMQP_PORT"; do
        if ! is_alive "$dir/vm.pid" || ((SECONDS >= deadline)); then
            echo "error: RabbitMQ did not start; see also $dir/log" >&2
            tail -n 30 "$dir/log/startup.log" >&2
            return 1
        fi
        sleep 0.1
    done
}

# TERM is a clean stop, KILL a power cut.
stop_rabbitmq() {
    terminate "$1/rabbitmq/vm.pid" "${2:-TERM}"
    terminate "$1/rabbitmq/epmd.pid" TERM
}

# The node opens this port as the last step of its boot, so a protocol answer means ready.
amqp_answers() {
    local frame_type
    {
        printf 'AMQP\0\0\11\1' >&3
        IFS= read -r -d '' -n 1 -t 5 frame_type <&3 && [[ $frame_type == $'\1' ]]
    } 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$1"
}
