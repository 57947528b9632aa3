#!/usr/bin/env bash
# Installs what building, testing and checking need from the packages of Debian 12 or 13 (checking: of 12 only). Source it;
# it only defines functions.

# shellcheck source=scripts/lib/root.sh
source "$(dirname "${BASH_SOURCE[0]}")/root.sh"

# Debian 12's default Boost, 1.74, is too old; 1.81 excludes its -dev packages, and apt swaps them when both cannot stay.
# Debian 13's default is new enough.
release=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")
case $release in
    trixie) boost="" postgresql=17 ;;
    *) boost=1.81 postgresql=15 ;;
esac
BUILD_PACKAGES=(
    g++ cmake ninja-build pkg-config ccache
    "libboost$boost-dev" "libboost-json$boost-dev" "libboost-url$boost-dev" "libboost-system$boost-dev"
    libpq-dev librabbitmq-dev libsqlite3-dev libssl-dev libcli11-dev libfmt-dev libtomlplusplus-dev catch2
)
TEST_PACKAGES=("postgresql-$postgresql" rabbitmq-server python3 curl sqlite3)
# git: the checks look at tracked files only.
LINT_PACKAGES=(clang-format-14 clang-tidy-14 shellcheck git)

install_build_packages() { install_missing "${BUILD_PACKAGES[@]}"; }
install_demo_packages() { install_missing python3; }
install_lint_packages() { install_missing "${LINT_PACKAGES[@]}"; }

install_test_packages() {
    local conf=/etc/postgresql-common/createcluster.conf
    local mark='create_main_cluster = false # while the tests install the server'
    # The tests run private servers of their own, so a machine without PostgreSQL should not get a system cluster (and
    # a busy port 5432) from us. A later installation by the owner of the machine must find the file as it was.
    if [[ -z $(installed_among postgresql-common) ]]; then
        install_missing postgresql-common
        as_root sed -i "\$a $mark" "$conf"
    fi
    local status=0 policy=/usr/sbin/policy-rc.d
    # Likewise no system broker: nothing that is installed here is started (Debian Policy, 9.3.3), nor by the next boot.
    local fresh_broker=""
    [[ -n $(installed_among rabbitmq-server) || -e $policy ]] || fresh_broker=yes
    if [[ -n $fresh_broker ]]; then
        (
            trap 'as_root rm -f "$policy"' EXIT
            as_root install -m 0755 /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'
            install_missing "${TEST_PACKAGES[@]}"
        ) || status=$?
        ! command -v systemctl >/dev/null || as_root systemctl --quiet disable rabbitmq-server 2>/dev/null || true
    else
        install_missing "${TEST_PACKAGES[@]}" || status=$?
    fi
    if [[ -f $conf ]] && grep -qxF "$mark" "$conf"; then
        as_root sed -i "/^$mark\$/d" "$conf"
    fi
    return "$status"
}

installed_among() {
    dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p'
}

install_missing() {
    local missing
    missing=$(comm -23 <(printf '%s\n' "$@" | sort -u) <(installed_among "$@" | sort -u))
    [[ -n $missing ]] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "error: no apt-get here; please install what these Debian packages hold:" "$missing" >&2
        return 1
    fi
    echo "installing:" "${missing//$'\n'/ }"
    apt_get_update_once || return 1
    # shellcheck disable=SC2086  # one word a package is what is wanted
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 install $missing </dev/null >&2
}

apt_get_update_once() {
    [[ -z ${APT_GET_UPDATED:-} ]] || return 0
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 update </dev/null >&2 || return 1
    APT_GET_UPDATED=yes
}
