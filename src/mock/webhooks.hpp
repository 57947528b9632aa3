#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/http/url.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace smsbcast::mock {

/// The addresses of webhooks, kept once although each has another message's id in it. An address is there for as long
/// as a receipt waits for it, and then until room is needed.
class Webhooks {
public:
    using Ref = std::uint32_t;
    enum class Refusal { not_http, too_many };

    /// Different addresses, ids apart, that can be in use at a time; and different hosts and ports.
    static constexpr std::size_t kMaxAddresses = 4096;
    static constexpr std::size_t kMaxOrigins = 64;

    struct Origin {
        std::string host;
        std::uint16_t port = 80;
        std::string host_header;
    };

    /// The reference counts as one use.
    std::variant<Ref, Refusal> use(std::string_view url, const MessageId& message);
    void use_again(Ref webhook) { ++addresses_[webhook].uses; }
    void done(Ref webhook) { --addresses_[webhook].uses; }

    /// The path and query to post to, with the id of `message` in its place; without the query when
    /// the receipt is not to name the message.
    std::string target(Ref webhook, const MessageId& message, bool with_query) const;
    const std::string& authorization(Ref webhook) const { return addresses_[webhook].authorization; }

    /// Numbers of origins are small and stay the same.
    std::size_t origin_of(Ref webhook) const { return addresses_[webhook].origin; }
    const Origin& origin(std::size_t number) const { return origins_[number]; }

private:
    struct Address {
        std::string pattern; // kIdMark stands for the id; empty: a free place
        std::string target;
        std::string authorization;
        std::size_t origin = 0;
        std::size_t uses = 0;
    };

    std::variant<Ref, Refusal> add(std::string pattern);
    std::variant<std::size_t, Refusal> find_origin(const http::Url& url);
    void forget_unused();

    std::vector<Address> addresses_;
    std::vector<Ref> free_;
    std::unordered_map<std::string, Ref> by_pattern_;
    std::vector<Origin> origins_;
    std::string scratch_;
};

} // namespace smsbcast::mock
