#include "server_routes.hpp"

#include <stdexcept>

namespace smsbcast::test {

namespace {

runtime::Awaitable<Response> echo(const Request& request) {
    Response response;
    response.content_type = "text/plain";
    response.body.append(request.method).append(" ").append(request.path).append(" ").append(request.query);
    response.body.append(" ").append(request.content_type).append(" ").append(request.body);
    co_return response;
}

runtime::Awaitable<Response> break_down(const Request&) {
    throw std::runtime_error("broken on purpose");
    co_return Response{};
}

runtime::Awaitable<Response> fault(ResponseFault delivery) {
    Response response;
    response.fault = delivery;
    response.body = std::string(1000, 'x');
    co_return response;
}

runtime::Awaitable<Response> large(std::size_t size) {
    Response response;
    response.body.assign(size, 'x');
    co_return response;
}

class CountingSink final : public http::BodySink {
public:
    CountingSink(Seen& seen, std::size_t enough) : seen_(seen), enough_(enough) { ++seen_.sinks; }
    ~CountingSink() override { --seen_.sinks; }

    bool write(std::string_view piece) override {
        size_ += piece.size();
        seen_.sink_bytes += piece.size();
        seen_.largest_piece = std::max(seen_.largest_piece, piece.size());
        return size_ < enough_;
    }

    runtime::Awaitable<Response> finish(const Request&) override {
        Response response;
        response.body = std::to_string(size_);
        co_return response;
    }

private:
    Seen& seen_;
    std::size_t enough_;
    std::size_t size_ = 0;
};

} // namespace

Route echo_route(std::string_view method, std::string_view path, std::size_t max_body, std::string_view consumes) {
    const auto handle = [](const Request& request) { return echo(request); };
    Route route{.method = method, .path = path, .max_body = max_body, .handle = handle};
    if (!consumes.empty())
        route.readers.push_back({.media_type = consumes, .handle = handle});
    return route;
}

Route sink_route(Seen& seen, std::size_t max_body, std::size_t enough) {
    http::BodyReader reader{.sink = [&seen, enough](const Request&) -> std::unique_ptr<http::BodySink> {
        return std::make_unique<CountingSink>(seen, enough);
    }};
    return {.method = "POST", .path = "/sink", .max_body = max_body, .readers = {std::move(reader)}};
}

Route broken_route() {
    return {.method = "GET", .path = "/broken", .handle = [](const Request& request) { return break_down(request); }};
}

std::vector<Route> fault_routes() {
    std::vector<Route> routes;
    for (const auto& [path, delivery] :
         {std::pair("/reset", ResponseFault::reset), std::pair("/truncated", ResponseFault::truncated),
          std::pair("/none", ResponseFault::no_answer)})
        routes.push_back({.method = "GET", .path = path, .handle = [delivery = delivery](const Request&) {
                              return fault(delivery);
                          }});
    return routes;
}

Route large_route(std::size_t size) {
    return {.method = "GET", .path = "/large", .handle = [size](const Request&) { return large(size); }};
}

} // namespace smsbcast::test
