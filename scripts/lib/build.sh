#!/usr/bin/env bash
# Configures and builds the project. Source it; it only defines functions.

# build_smsbcast SOURCE_DIR BUILD_DIR: honours CMAKE_ARGS (it may override what stands here), CXXFLAGS, and BUILD_TARGETS
# (default: everything).
build_smsbcast() {
    local source=$1 build=$2
    # shellcheck disable=SC2086  # several arguments in one variable, split at spaces
    cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo ${CMAKE_ARGS:-} &&
        cmake --build "$build" ${BUILD_TARGETS:+--target $BUILD_TARGETS}
}
