#pragma once

#include "response_head.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::http {

/// Reads one answer out of the bytes of a connection: no I/O, and no allocation but that of the body.
///
/// Interim answers (1xx) are skipped. As liberal as parse_response_head(), and as strict where bytes could be read in
/// two ways; a switch of protocols that nobody asked for is garbage as well.
class ResponseReader {
public:
    enum class State { incomplete, complete, too_large, garbage, cut_off };

    /// `max_bytes` holds for the body and for everything that is not body, each. The answer to a HEAD has no body.
    ResponseReader(std::size_t max_bytes, bool answers_head) : max_bytes_(max_bytes), answers_head_(answers_head) {}

    /// Takes what it can off the front of `bytes` and returns how many those are; what is left must be shown again
    /// together with what comes after it. Once the state is not incomplete, nothing more is taken.
    std::size_t feed(std::string_view bytes);

    /// The peer will send no more. Completes an answer that has no length of its own.
    void feed_end();

    State state() const { return state_; }

    // These belong to an answer whose head came whole; before that they are 0 and empty.
    int status() const { return head_.status; }
    std::string take_retry_after() { return std::move(head_.retry_after); }

    // These belong to a complete answer.
    std::string take_body() { return std::move(body_); }
    bool keep_alive() const { return head_.keep_alive; }
    std::optional<std::chrono::seconds> kept_for() const { return head_.kept_for; }

private:
    enum class Part { head, body, chunk_size, chunk, chunk_end, trailer };

    std::size_t step(std::string_view bytes);
    std::size_t take_head(std::string_view bytes);
    void begin_body();
    std::size_t take_body_piece(std::string_view bytes, Part next);
    std::size_t take_line_of_chunks(std::string_view bytes);
    void on_line(std::string_view line);
    void announce(std::uint64_t size);
    void count(std::size_t overhead);

    std::size_t max_bytes_;
    bool answers_head_;
    State state_ = State::incomplete;
    Part part_ = Part::head;
    ResponseHead head_;
    std::string body_;
    std::uint64_t left_ = 0;   // of the body, or of the chunk
    std::size_t searched_ = 0; // of a head whose end has not come
    std::size_t overhead_ = 0; // bytes that are not body
};

} // namespace smsbcast::http
