#!/usr/bin/env bash
# Configures and builds the project. Source it; it only defines functions.

# build_smsbcast SOURCE_DIR BUILD_DIR: honours CMAKE_ARGS (it may override what stands here), CXXFLAGS, and BUILD_TARGETS
# (default: everything). A new build directory compiles several sources as one (cmake/Unity.cmake), which takes half the
# time; one that is there already stays as its owner configured it, since working on a source is faster without.
build_smsbcast() {
    local source=$1 build=$2 unity=""
    [[ -e $build/CMakeCache.txt ]] || unity=-DCMAKE_UNITY_BUILD=ON
    # shellcheck disable=SC2086  # several arguments in one variable, split at spaces
    cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo $unity ${CMAKE_ARGS:-} >/dev/null &&
        cmake --build "$build" ${BUILD_TARGETS:+--target $BUILD_TARGETS}
}
