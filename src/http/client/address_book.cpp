#include "address_book.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cctype>

namespace smsbcast::http {

namespace {

std::vector<AddressBook::Endpoint> known_endpoints(const std::string& host, std::uint16_t port) {
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(host, ec);
    if (!ec)
        return {{address, port}};
    // `localhost` is never looked up (RFC 6761 §6.3): a resolver that is down or misled must not
    // stand between two programs of one machine. IPv4 comes first, since most servers listen there.
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    if (std::ranges::equal(host, std::string_view("localhost"), same))
        return {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
    return {};
}

} // namespace

// The state of a look-up lives on its own: the resolver's thread may answer after the address book
// is gone.
struct AddressBook::LookUp {
    LookUp(asio::io_context& shard, std::string name, std::uint16_t number, std::chrono::milliseconds keep)
        : resolver(shard), ended(shard), host(std::move(name)), port(std::to_string(number)), lifetime(keep) {}

    asio::ip::tcp::resolver resolver;
    runtime::Wakeup ended;
    std::string host;
    std::string port;
    std::chrono::milliseconds lifetime;
    bool under_way = false;
    bool given_up = false;
    std::uint64_t count = 0; // of look-ups that ended
    std::vector<Endpoint> endpoints;
    Deadline fresh_until{Deadline::Clock::time_point::min()};
};

AddressBook::AddressBook(asio::io_context& shard, const std::string& host, std::uint16_t port,
                         std::chrono::milliseconds lifetime)
    : fixed_(known_endpoints(host, port)) {
    if (fixed_.empty())
        look_up_ = std::make_shared<LookUp>(shard, host, port, lifetime);
}

Awaitable<std::variant<std::vector<AddressBook::Endpoint>, AddressBook::Failure>> AddressBook::find(Deadline deadline) {
    if (!look_up_)
        co_return fixed_;
    const auto look_up = look_up_;
    if (look_up->fresh_until.passed()) {
        begin(look_up);
        const auto before = look_up->count;
        // The wait is for one more answer and not for a flag, since another look-up may begin at
        // once when this one ends.
        while (look_up->count == before) {
            if (look_up->given_up || !co_await look_up->ended.wait(deadline))
                co_return Failure::timeout;
        }
    }
    // A look-up that failed leaves no endpoints. The old ones are not used further: a name that is
    // gone should show.
    if (look_up->endpoints.empty())
        co_return Failure::not_found;
    co_return look_up->endpoints;
}

void AddressBook::forget() {
    if (look_up_)
        // The name may lead elsewhere by now, as after a fail-over.
        look_up_->fresh_until = Deadline(Deadline::Clock::time_point::min());
}

void AddressBook::give_up() {
    if (!look_up_)
        return;
    look_up_->given_up = true;
    look_up_->ended.notify_all();
}

void AddressBook::begin(const std::shared_ptr<LookUp>& look_up) {
    // However many connections ask at once, the name is looked up once.
    if (look_up->under_way)
        return;
    look_up->under_way = true;
    look_up->resolver.async_resolve(
        look_up->host, look_up->port, asio::ip::tcp::resolver::numeric_service,
        [look_up](const boost::system::error_code& ec, const asio::ip::tcp::resolver::results_type& results) {
            look_up->under_way = false;
            ++look_up->count;
            look_up->endpoints.assign(results.begin(), results.end());
            if (ec)
                log::warn("name_lookup_failed", {{"host", look_up->host}, {"reason", ec}});
            else
                look_up->fresh_until = Deadline::after(look_up->lifetime);
            look_up->ended.notify_all();
        });
}

} // namespace smsbcast::http
