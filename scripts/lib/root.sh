#!/usr/bin/env bash
# Source it; it only defines a function.

# Without sudo and without root what is asked for may still not be needed, so this complains only when it is.
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "error: this needs root (or sudo): $*" >&2
        return 1
    fi
}
