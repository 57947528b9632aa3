# One image for every role; the argument says which: docker run smsbcast worker

FROM debian:trixie-slim AS build
# What is installed, and how it is built, stand in one place each: the scripts that a developer's machine uses too.
COPY scripts/lib/packages.sh scripts/lib/root.sh /tmp/
RUN bash -euo pipefail -c '. /tmp/packages.sh; install_build_packages; rm -rf /var/lib/apt/lists/*'
WORKDIR /src
COPY CMakeLists.txt ./
COPY cmake cmake
COPY sql sql
COPY include include
COPY src src
COPY scripts/lib/build.sh /tmp/
RUN bash -euo pipefail -c '. /tmp/build.sh; CMAKE_ARGS=-DBUILD_TESTING=OFF BUILD_TARGETS=smsbcast build_smsbcast . /build' \
    && cmake --install /build --prefix /out --strip

FROM debian:trixie-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates libboost-json1.83.0 libboost-url1.83.0 libfmt10 libpq5 librabbitmq4 \
        libsqlite3-0 libssl3t64 libtomlplusplus3t64 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 smsbcast \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin smsbcast \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/smsbcast
COPY --from=build /out/bin/smsbcast /usr/local/bin/smsbcast
COPY LICENSE /usr/share/doc/smsbcast/LICENSE
LABEL org.opencontainers.image.title="smsbcast" \
      org.opencontainers.image.description="Sends one SMS to many people and knows what became of every single one" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.vendor="The smsbcast authors"
# By number, so that an orchestrator can tell that it is not root.
USER 10001:10001
# Where `all` keeps its file: docker run -v smsbcast:/var/lib/smsbcast smsbcast all
WORKDIR /var/lib/smsbcast
EXPOSE 8080 8081 8082 8083 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["smsbcast", "health"]
ENTRYPOINT ["smsbcast"]
CMD ["--help"]
