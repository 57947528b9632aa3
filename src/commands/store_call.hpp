#pragma once

#include "smsbcast/config/load.hpp"
#include "smsbcast/roles/backend.hpp"
#include "smsbcast/runtime/run_once.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace smsbcast::commands {

/// The configuration of a command that works on the store: with the file that `all` would use, unless a server is
/// named; where neither is named nor there, with the roles' server.
config::Config for_store(const config::LoadResult& loaded);

/// Within the handler of `error`: throws it again. Where nobody named a store, the one that the roles use by default
/// may be none of the reader's, and the error says so.
[[noreturn]] void rethrow_with_hint(const std::runtime_error& error, const config::LoadResult& loaded,
                                    const config::Config& config);

/// `the database`, or the name of the file.
std::string store_name(const config::Config& config);

/// Throws std::runtime_error with the sentence for a store that did not do what it was asked.
[[noreturn]] void fail_for_store(const boost::system::error_code& error);

template <class T>
using StoreCall = std::function<runtime::Awaitable<Result<T>>(roles::StoreSession&)>;

/// Carries out one call on the store and blocks until it has ended. `who` names the connection. Throws
/// std::runtime_error where the store cannot be asked, or its schema is another program's.
template <class T>
Result<T> call_store(const roles::StoreBackend& backend, std::string_view who, const StoreCall<T>& call) {
    using Checked = std::pair<Result<void>, Result<T>>;
    const auto ask = [&](boost::asio::io_context& shard) -> runtime::Awaitable<Checked> {
        return [](const roles::StoreBackend& at, boost::asio::io_context& loop, std::string_view name,
                  const StoreCall<T>& act) -> runtime::Awaitable<Checked> {
            constexpr std::chrono::seconds kPatience{30};
            const auto store = at.open(loop, name); // must not outlive the loop that it lives on
            const auto fit = co_await store->check(Deadline::after(kPatience));
            if (!fit)
                co_return Checked{fit, Errc::internal};
            auto calling = act(*store);
            auto result = co_await std::move(calling);
            co_return Checked{fit, std::move(result)};
        }(backend, shard, who, call);
    };
    auto checked = runtime::run_once<Checked>(ask);
    if (!checked.first)
        fail_for_store(checked.first.error());
    return std::move(checked.second);
}

} // namespace smsbcast::commands
