#include "session.hpp"

#include <algorithm>

namespace smsbcast::http {

namespace {
constexpr std::size_t kMaxPart = 64 * 1024; // so much of a piece lies here at a time
} // namespace

// The first piece is asked for before the head is written: a failure that early can still be told.
Awaitable<> Session::answer_from_source(const Response& response) {
    auto first = co_await pull(*response.source);
    if (const auto* failed = std::get_if<Response>(&first)) {
        co_await answer(*failed);
        co_return;
    }
    note(response);
    const bool chunked = !head_.http_1_0();
    const bool keep_alive = chunked && may_go_on();
    used_ = true;
    write_out(response, keep_alive);
    const auto last = co_await send_all(std::move(first), *response.source, chunked);
    if (const auto* failed = std::get_if<Response>(&last)) {
        note(*failed);
        open_ = false;
        stream_->reset();
    } else if (open_ && !keep_alive) {
        co_await linger();
    }
}

// Everything from the head, which is written out already, to the end; gives what came last. The connection is not open
// afterwards when the client went away.
Awaitable<Session::Pulled> Session::send_all(Pulled pulled, BodySource& source, bool chunked) {
    for (;;) {
        const auto* piece = std::get_if<std::optional<std::string_view>>(&pulled);
        if (!piece)
            co_return pulled;
        if (!*piece)
            break;
        const bool sent = co_await send_piece(**piece, chunked);
        if (!sent)
            co_return Pulled{};
        pulled = co_await pull(source);
    }
    if (chunked)
        out_.append(kLastChunk);
    if (!out_.empty())
        co_await send();
    co_return pulled;
}

Awaitable<bool> Session::send_piece(std::string_view piece, bool chunked) {
    do {
        const auto part = piece.substr(0, kMaxPart);
        piece.remove_prefix(part.size());
        append_part(out_, part, chunked);
        if (!out_.empty() && !co_await send())
            co_return false;
        out_.clear();
    } while (!piece.empty());
    co_return open_; // cut in the meantime, perhaps
}

// It is not the client that is waited for: no time of its own runs, and a stop gives it that of a handler.
Awaitable<Session::Pulled> Session::pull(BodySource& source) {
    timer_.off();
    handling_ = true;
    Pulled pulled;
    try {
        auto pulling = source.next();
        auto next = co_await std::move(pulling);
        if (next)
            pulled = *next;
        else
            pulled = to_response(to_problem(next.error()), request_id_);
    } catch (const std::exception& error) {
        pulled = failure(error.what());
    }
    handling_ = false;
    co_return pulled;
}

} // namespace smsbcast::http
