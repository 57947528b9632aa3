#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace smsbcast::adapters::rabbitmq {

/// Where to connect, and as whom. Its password goes nowhere but into the login.
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
    std::string user;
    std::string password;
    std::string vhost;
};

/// The failure is a sentence for whoever wrote the URL; it quotes nothing of it, since a password may stand anywhere in
/// a malformed one.
struct UrlFault {
    std::string sentence;
};

/// What value() does with a failure: throws std::invalid_argument.
[[noreturn]] void throw_exception_from_error(const UrlFault& fault, const boost::source_location& where);

boost::system::result<Endpoint, UrlFault> parse_amqp_url(std::string_view url);

} // namespace smsbcast::adapters::rabbitmq
