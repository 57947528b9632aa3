#!/usr/bin/env bash
# Starting and ending background processes, and free ports for them. Source it; it only defines functions.

# launch PIDFILE LOG COMMAND...: runs a daemon in a session of its own, so that a Ctrl-C meant for the tests does not
# reach it, and with none of our files open, so that nobody waits for the end of a pipe that it holds.
launch() {
    local pid_file=$1 log=$2
    shift 2
    setsid "$@" >"$log" 2>&1 </dev/null &
    # The start time tells our process from a later one that was given the same pid.
    echo "$! $(started_at $!)" >"$pid_file"
    disown # or bash would report its end
}

is_alive() {
    local pid began
    [[ -r $1 ]] && read -r pid began <"$1" && [[ -n $began && $(started_at "$pid") == "$began" ]]
}

# terminate PIDFILE SIGNAL: sends it, waits, and insists where that was not enough.
terminate() {
    local pid_file=$1 signal=$2 pid deadline=$((SECONDS + SERVERS_TIMEOUT))
    if is_alive "$pid_file"; then
        read -r pid _ <"$pid_file"
        kill "-$signal" "$pid"
        while is_alive "$pid_file"; do
            if ((SECONDS >= deadline)); then
                echo "warning: process $pid ignored $signal" >&2
                kill -KILL "$pid"
                deadline=$((SECONDS + SERVERS_TIMEOUT))
            fi
            sleep 0.05
        done
    fi
    rm -f "$pid_file"
}

# In clock ticks since boot; nothing when there is no such process, or when only its exit status is left.
started_at() {
    local stat
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
    # The second field, the name in parentheses, may hold spaces: cut behind it. What follows starts with the state.
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    [[ $1 == Z ]] || echo "${20}"
}

# free_ports NAME...: sets each variable to a free port on 127.0.0.1. They lie below the kernel's ephemeral range: a port
# from within it can be taken by any outgoing connection while a test has its server stopped, and a client that keeps
# trying to reach such a port can even connect to itself.
free_ports() {
    local low=32768 first i try
    read -r low _ 2>/dev/null </proc/sys/net/ipv4/ip_local_port_range || true
    ((low > 12000)) || low=32768
    for ((try = 0; try < 100; try++)); do
        first=$((10000 + SRANDOM % ((low - 10000) / $#) * $#))
        for ((i = 0; i < $#; i++)); do
            # shellcheck disable=SC2188  # opening it is the test
            { 3<>"/dev/tcp/127.0.0.1/$((first + i))"; } 2>/dev/null && continue 2
        done
        for ((i = 1; i <= $#; i++)); do
            printf -v "${!i}" %d $((first + i - 1))
        done
        return 0
    done
    echo "error: found no free ports" >&2
    return 1
}

# end_group PID: asks the process group to end, as Ctrl-C would, and insists after a minute, in which it can stop servers
# of its own.
end_group() {
    local deadline=$((SECONDS + 60))
    kill -TERM -- "-$1" 2>/dev/null || return 0
    while kill -0 -- "-$1" 2>/dev/null; do
        if ((SECONDS >= deadline)); then
            kill -KILL -- "-$1" 2>/dev/null || true
            return 0
        fi
        sleep 0.1
    done
}
