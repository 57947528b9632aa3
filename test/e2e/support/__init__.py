"""What the end-to-end tests and the benchmarks share: servers, processes, HTTP, and the
checks that follow a message."""
