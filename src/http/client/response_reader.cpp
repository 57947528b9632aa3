#include "response_reader.hpp"

#include "http_words.hpp"

#include <algorithm>
#include <limits>

namespace smsbcast::http {

namespace {

constexpr std::string_view kProtocol = "HTTP/1.";
// It stands for a body without a known end, and is never counted down.
constexpr auto kUntilClose = std::numeric_limits<std::uint64_t>::max();

} // namespace

std::size_t ResponseReader::feed(std::string_view bytes) {
    std::size_t taken = 0;
    while (state_ == State::incomplete && taken < bytes.size()) {
        const auto used = step(bytes.substr(taken));
        taken += used;
        // More bytes are needed to go on.
        if (used == 0)
            break;
    }
    // A head or a line of chunks that never ends must not fill the buffer.
    if (state_ == State::incomplete && overhead_ + (bytes.size() - taken) > max_bytes_)
        state_ = State::too_large;
    return taken;
}

void ResponseReader::feed_end() {
    if (state_ != State::incomplete)
        return;
    const bool by_close = part_ == Part::body && head_.framing == Framing::until_close;
    // An answer in chunks is whole once the last chunk has come, even if the empty line behind it
    // is missing.
    state_ = by_close || part_ == Part::trailer ? State::complete : State::cut_off;
    head_.keep_alive = false;
}

std::size_t ResponseReader::step(std::string_view bytes) {
    switch (part_) {
    case Part::head: return take_head(bytes);
    case Part::body: return take_body_piece(bytes, Part::body);
    case Part::chunk: return take_body_piece(bytes, Part::chunk_end);
    case Part::chunk_size:
    case Part::chunk_end:
    case Part::trailer: break;
    }
    return take_line_of_chunks(bytes);
}

std::size_t ResponseReader::take_head(std::string_view bytes) {
    // Some servers leave an empty line behind the answer before, where it can only be skipped.
    if (bytes.starts_with('\n') || bytes.starts_with("\r\n")) {
        const std::size_t size = bytes.front() == '\n' ? 1 : 2;
        count(size);
        return size;
    }
    const auto end = find_head_end(bytes, searched_);
    searched_ = end ? 0 : bytes.size();
    if (!end) {
        // Bytes that cannot become a status line are given up at once, and not waited for until the
        // deadline.
        const auto start = bytes.substr(0, kProtocol.size());
        if (bytes != "\r" && !same_word(start, kProtocol.substr(0, start.size())))
            state_ = State::garbage;
        return 0;
    }
    count(*end);
    if (state_ != State::incomplete)
        return *end;
    auto head = parse_response_head(bytes.substr(0, *end), answers_head_);
    // A switch of protocols was not asked for. Whatever follows is not HTTP.
    if (!head || head->status == 101) {
        state_ = State::garbage;
        // Interim answers are passed over, and the next head is the one that counts.
    } else if (head->status / 100 != 1) {
        head_ = std::move(*head);
        begin_body();
    }
    return *end;
}

void ResponseReader::begin_body() {
    switch (head_.framing) {
    case Framing::none: state_ = State::complete; break;
    case Framing::until_close:
        left_ = kUntilClose;
        part_ = Part::body;
        break;
    case Framing::chunked: part_ = Part::chunk_size; break;
    case Framing::length:
        announce(head_.length);
        part_ = Part::body;
        if (left_ == 0)
            state_ = State::complete;
        break;
    }
}

void ResponseReader::announce(std::uint64_t size) {
    left_ = size;
    // The announced size is judged before a byte of it comes, and before memory is reserved for it.
    if (size > max_bytes_ - std::min(body_.size(), max_bytes_))
        state_ = State::too_large;
    else
        body_.reserve(body_.size() + static_cast<std::size_t>(size));
}

std::size_t ResponseReader::take_body_piece(std::string_view bytes, Part next) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
    if (body_.size() + size > max_bytes_) {
        state_ = State::too_large;
        return 0;
    }
    body_.append(bytes.substr(0, size));
    left_ -= left_ == kUntilClose ? 0 : size;
    if (left_ == 0 && next == Part::body)
        state_ = State::complete;
    else if (left_ == 0)
        part_ = next;
    return size;
}

std::size_t ResponseReader::take_line_of_chunks(std::string_view bytes) {
    auto rest = bytes;
    if (bytes.find('\n') == std::string_view::npos)
        return 0;
    const auto line = take_line(rest);
    const auto taken = bytes.size() - rest.size();
    count(taken);
    if (state_ == State::incomplete)
        on_line(line);
    return taken;
}

void ResponseReader::on_line(std::string_view line) {
    if (part_ == Part::trailer) {
        // Its fields are not looked at: whoever decides by them can be deceived past a proxy.
        if (line.empty())
            state_ = State::complete;
        return;
    }
    if (part_ == Part::chunk_end) {
        part_ = Part::chunk_size;
        if (!line.empty())
            state_ = State::garbage;
        return;
    }
    const auto size = parse_chunk_size(line);
    if (!size) {
        state_ = State::garbage;
        return;
    }
    part_ = *size == 0 ? Part::trailer : Part::chunk;
    announce(*size);
}

void ResponseReader::count(std::size_t overhead) {
    overhead_ += overhead;
    if (overhead_ > max_bytes_)
        state_ = State::too_large;
}

} // namespace smsbcast::http
