#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace smsbcast::runtime {

namespace asio = boost::asio;

template <class T = void>
using Awaitable = asio::awaitable<T>;

/// The completion token of every operation: errors are values, `auto [ec, n] = co_await op(…, use_result);`
inline constexpr auto use_result = asio::as_tuple(asio::use_awaitable);

} // namespace smsbcast::runtime
