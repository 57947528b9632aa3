#include "endpoint.hpp"

#include "smsbcast/adapters/rabbitmq/rabbitmq.hpp"

#include "amqp.hpp"

#include <stdexcept>

namespace smsbcast::adapters::rabbitmq {

boost::system::result<Endpoint, UrlFault> parse_amqp_url(std::string_view url) {
    // The library reads up to the first zero byte and would connect to a part of what was written.
    if (url.find('\0') != std::string_view::npos)
        return UrlFault{"the AMQP URL holds a zero byte"};
    std::string text(url); // the library decodes in place, and its answer points into this
    amqp_connection_info info{};
    amqp_default_connection_info(&info);
    if (::amqp_parse_url(text.data(), &info) != AMQP_STATUS_OK)
        return UrlFault{"the AMQP URL is malformed, must be amqp://user:password@host:port/vhost with special "
                        "characters percent-encoded"};
    if (info.ssl)
        return UrlFault{"amqps:// is not supported yet, must be amqp://"};
    if (info.port <= 0 || info.port > 65535)
        return UrlFault{"the AMQP URL's port must be 1 to 65535"};
    if (*info.host == '\0')
        return UrlFault{"the AMQP URL names no host"};
    // By the letter of the URI specification `amqp://host/` names the vhost "", which no broker has; everyone who
    // writes it means the default one.
    const char* const vhost = *info.vhost == '\0' ? "/" : info.vhost;
    return Endpoint{info.host, static_cast<std::uint16_t>(info.port), info.user, info.password, vhost};
}

void throw_exception_from_error(const UrlFault& fault, const boost::source_location&) {
    throw std::invalid_argument(fault.sentence);
}

std::string check_amqp_url(std::string_view url) {
    const auto endpoint = parse_amqp_url(url);
    return endpoint ? std::string() : endpoint.error().sentence;
}

} // namespace smsbcast::adapters::rabbitmq
