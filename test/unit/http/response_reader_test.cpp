#include "http/client/response_reader.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::http;

namespace {

using State = ResponseReader::State;

std::string_view word(State state) {
    switch (state) {
    case State::incomplete: return "incomplete";
    case State::complete: return "complete";
    case State::too_large: return "too_large";
    case State::garbage: return "garbage";
    case State::cut_off: return "cut_off";
    }
    return "";
}

struct Reading {
    std::string verdict; // `202 body keeps`, or why not
    std::string rest;    // what was not taken
};

Reading read(std::string_view bytes, bool ends, std::size_t piece = 1U << 20U) {
    ResponseReader reader(2000, false);
    std::string shown;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        shown += bytes.substr(at, piece);
        shown.erase(0, reader.feed(shown));
    }
    if (ends)
        reader.feed_end();
    if (reader.state() != State::complete)
        return {std::string(word(reader.state())), shown};
    return {std::to_string(reader.status()) + " " + reader.take_body() + (reader.keep_alive() ? " keeps" : " closes"),
            shown};
}

// The same whole, in pieces, and byte by byte.
std::string verdict(std::string_view bytes, bool ends = false) {
    const auto whole = read(bytes, ends);
    for (const std::size_t piece : {1, 2, 3, 7}) {
        INFO("in pieces of " << piece << ": " << bytes);
        CHECK(read(bytes, ends, piece).verdict == whole.verdict);
    }
    return whole.verdict;
}

std::string chunked(std::string_view chunks, std::string_view head = "") {
    return verdict("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + std::string(head) + "\r\n" +
                   std::string(chunks));
}

std::string response_with(std::string_view fields, std::string_view body = "ab") {
    return verdict("HTTP/1.1 202 Accepted\r\n" + std::string(fields) + "\r\n" + std::string(body));
}

} // namespace

TEST_CASE("status lines as servers write them", "[http_client]") {
    for (const auto* line :
         {"HTTP/1.1 202 Accepted", "HTTP/1.1 202 ", "HTTP/1.1 202", "HTTP/1.1  202  ", "http/1.1 202",
          "HTTP/1.1 202 \xe0\xb8\x81", "HTTP/1.1 202 OK: all: well", "HTTP/1.1\t202\tOK"}) {
        INFO(line);
        CHECK(verdict(std::string(line) + "\r\nContent-Length: 2\r\n\r\nab") == "202 ab keeps");
        CHECK(verdict(std::string(line) + "\nContent-Length: 2\n\nab") == "202 ab keeps");
        CHECK(verdict(std::string(line) + "\r\n\r\nab", true) == "202 ab closes");
    }
    CHECK(verdict("HTTP/1.0 202\r\nContent-Length: 2\r\n\r\nab") == "202 ab closes");
    CHECK(verdict("HTTP/1.0 202\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nab") == "202 ab keeps");
    CHECK(verdict("\r\n\n\r\nHTTP/1.1 204\r\n\r\n") == "204  keeps");
    for (const auto* line :
         {"HTTP/2 200 OK", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 2x2", "HTTP/1.1 099", "HTTP/1.1", "HTTP/1.1202",
          "HTTP/1. 202", "SIP/2.0 202", "HTTP/1.1 -20", "HTTP/1.1 202OK", "HTTP/1.1 20\r2", "HTTP/1.12 202"})
        CHECK(verdict(std::string(line) + "\r\n\r\n") == "garbage");
    CHECK(verdict("SSH-2.0-OpenSSH_9.2p1\r\n") == "garbage");
    CHECK(verdict("\x16\x03\x01") == "garbage");
    CHECK(verdict("HTT") == "incomplete");
}

TEST_CASE("fields as servers write them", "[http_client]") {
    for (const auto* fields :
         {"content-length: 2\r\n", "CONTENT-LENGTH:2\r\n", "Content-Length:   2 \t\r\n", "Content-Length : 2\r\n",
          "Content-Length: 02\r\n", "Content-Length: 2\r\nContent-Length: 2\r\n", "Content-Length: 2, 2\r\n",
          "Content-Length: 2\n", "Content-Length:\r\n 2\r\n", "X Y: z\r\nContent-Length: 2\r\n",
          "X: a\r\n\tb\r\n  c\r\nContent-Length: 2\r\n", "X-Empty:\r\nContent-Length: 2\r\n",
          ": nameless\r\nContent-Length: 2\r\n", "X-\xe0: \x01\xff\r\nContent-Length: 2\r\n",
          "Transfer-Encoding: identity\r\nContent-Length: 2\r\n",
          "Connection: x, keep-alive\r\nContent-Length: 2\r\n"}) {
        INFO(fields);
        CHECK(response_with(fields) == "202 ab keeps");
    }
    CHECK(response_with("Connection: x , CLOSE\r\nContent-Length: 2\r\n") == "202 ab closes");
    CHECK(response_with("Content-Length: 0\r\n", "") == "202  keeps");
}

TEST_CASE("what can be read in two ways is refused", "[http_client]") {
    for (const auto* fields : {"Content-Length: 1\r\nContent-Length: 2\r\n",
                               "Content-Length: 2, 3\r\n",
                               "Content-Length: -2\r\n",
                               "Content-Length: +2\r\n",
                               "Content-Length: 0x2\r\n",
                               "Content-Length: 2 2\r\n",
                               "Content-Length:\r\n",
                               "Content-Length: 99999999999999999999\r\n",
                               "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                               "Transfer-Encoding: Chunked\r\nContent-Length: 2\r\n",
                               "Transfer-Encoding: gzip, chunked\r\n",
                               "Transfer-Encoding: chunked, chunked\r\n",
                               "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                               "Transfer-Encoding: xchunked\r\n",
                               "Transfer-Encoding:\r\n",
                               "no colon\r\n",
                               "X: a\rContent-Length: 2\r\n",
                               "Content\x01-Length: 2\r\n",
                               "Transfer-Encoding\x7f: chunked\r\n",
                               "Content-Length: 1\r\n 2\r\n"}) {
        INFO(fields);
        CHECK(response_with(fields) == "garbage");
    }
    CHECK(response_with(std::string("X: a\0b\r\n", 8)) == "garbage");
    CHECK(verdict("HTTP/1.1 101 Switching\r\n\r\n") == "garbage");
}

TEST_CASE("chunks as servers write them", "[http_client]") {
    for (const auto* chunks :
         {"5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0 \r\n\r\n", " 5\t\r\nhello\r\n0\r\n\r\n",
          "0005\r\nhello\r\n000\r\n\r\n", "5;a=b\r\nhello\r\n0;x\r\n\r\n", "5 ; a=\"b\"\r\nhello\r\n0\r\n\r\n",
          "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "5\nhello\n0\n\n", "5\r\nhello\n0\r\n\n",
          "5\r\nhello\r\n0\r\nContent-Length: 9\r\nX: y\r\n\r\n"}) {
        INFO(chunks);
        CHECK(chunked(chunks) == "200 hello keeps");
    }
    CHECK(chunked("a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n") == "200 01234567890123456789a keeps");
    for (const auto* chunks : {"x\r\n", "\r\nhello", "-5\r\nhello", "0x5\r\nhello", "5 5\r\nhello", "5\r\nhelloX0\r\n",
                               "5\r\nhello0\r\n", "+5\r\nhello", "1ffffffffffffffff\r\n", "5;a\rb\r\nhello"})
        CHECK(chunked(chunks) == "garbage");
    CHECK(chunked("7d1\r\n") == "too_large");
    CHECK(chunked("5\r\nhello\r\n0\r\n") == "incomplete");
}

TEST_CASE("an answer may end with its connection where nothing is missing", "[http_client]") {
    const std::string in_chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    CHECK(verdict(in_chunks, true) == "cut_off");
    CHECK(verdict(in_chunks + "0\r\n", true) == "200 hello closes");
    CHECK(verdict("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", true) == "cut_off");
    CHECK(verdict("HTTP/1.1 200 OK\r\n", true) == "cut_off");
    CHECK(verdict("", true) == "cut_off");
}

TEST_CASE("answers that have no body leave what follows", "[http_client]") {
    CHECK(read("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1", false).rest == "HTTP/1.1");
    CHECK(verdict("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n") == "204  keeps");
    CHECK(verdict("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nab") == "204  closes");
    CHECK(verdict("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == "204  closes");
    CHECK(verdict("HTTP/1.1 100 Continue\n\nHTTP/1.1 103\r\nContent-Length: 7\r\n\r\nHTTP/1.1 204\r\n\r\n") ==
          "204  keeps");
}

TEST_CASE("both the body and what surrounds it are bounded", "[http_client]") {
    const std::string big(3000, 'x');
    CHECK(verdict("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n") == "too_large");
    CHECK(verdict("HTTP/1.1 200 OK\r\n\r\n" + big) == "too_large");
    CHECK(verdict("HTTP/1.1 200 " + big) == "too_large");
    CHECK(verdict("HTTP/1.1 200 " + big + "\r\n\r\n") == "too_large");
    CHECK(chunked("1;" + big) == "too_large");
    CHECK(chunked("0\r\nX: " + big) == "too_large");
    std::string lines;
    for (int i = 0; i < 1000; ++i)
        lines += "\r\n";
    CHECK(verdict(lines + "\r\n") == "too_large");
}
