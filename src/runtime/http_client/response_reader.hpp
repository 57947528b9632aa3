#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::runtime {

/// Reads one answer out of the bytes of a connection: no I/O, and no allocation but that of the body.
///
/// Interim answers (1xx) are skipped. What smuggles answers past others is garbage here: an unknown transfer coding, a
/// length beside a coding, a switch of protocols that nobody asked for.
class ResponseReader {
public:
    enum class State { incomplete, complete, too_large, garbage, cut_off };

    /// `max_bytes` holds for the body and for everything that is not body, each. The answer to a HEAD has no body.
    ResponseReader(std::size_t max_bytes, bool answers_head);

    /// Takes what it can off the front of `bytes` and returns how many those are; what is left must be shown again
    /// together with what comes after it. Once the state is not incomplete, nothing more is taken.
    std::size_t feed(std::string_view bytes);

    /// The peer will send no more. Completes an answer that has no length of its own.
    void feed_end();

    State state() const { return state_; }

    // Of a complete answer.
    int status() const { return message_->status; }
    std::string take_body() { return std::move(message_->body); }
    std::string take_retry_after() { return std::move(message_->retry_after); }
    bool keep_alive() const { return message_->keep_alive(); }
    /// What the peer says it will keep an idle connection for.
    std::optional<std::chrono::seconds> kept_for() const { return message_->kept_for; }

private:
    using error_code = boost::beast::error_code;
    using View = boost::beast::string_view;

    struct Message : boost::beast::http::basic_parser<false> {
        Message(std::size_t max_bytes, bool answers_head);

        int status = 0;
        std::string body;
        std::string retry_after;
        std::optional<std::chrono::seconds> kept_for;
        std::size_t max_bytes;

        void on_request_impl(boost::beast::http::verb, View, View, int, error_code&) override {}
        void on_response_impl(int code, View reason, int version, error_code& ec) override;
        void on_field_impl(boost::beast::http::field name, View text, View value, error_code& ec) override;
        void on_header_impl(error_code& ec) override;
        void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
        std::size_t on_body_impl(View piece, error_code& ec) override;
        void on_chunk_header_impl(std::uint64_t size, View extensions, error_code& ec) override;
        std::size_t on_chunk_body_impl(std::uint64_t left, View piece, error_code& ec) override;
        void on_finish_impl(error_code& ec) override;
    };

    void step(const error_code& ec);

    std::size_t max_bytes_;
    bool answers_head_;
    std::size_t overhead_ = 0; // bytes that are not body
    State state_ = State::incomplete;
    std::optional<Message> message_;
};

} // namespace smsbcast::runtime
