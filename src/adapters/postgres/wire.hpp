#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/base/timestamp.hpp"

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::adapters::postgres {

/// Appends an integer in network order, in which PostgreSQL's binary format has all of its numbers.
template <std::integral Integer>
void put(std::string& out, Integer value) {
    auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
    char bytes[sizeof(Integer)];
    for (int i = sizeof(Integer) - 1; i >= 0; --i) {
        bytes[i] = static_cast<char>(bits & 0xff);
        if constexpr (sizeof(Integer) > 1)
            bits = static_cast<std::make_unsigned_t<Integer>>(bits >> 8);
    }
    out.append(bytes, sizeof bytes);
}

/// The server counts the microseconds of a time from here (PostgreSQL 15, 8.5; integer timestamps).
inline constexpr Timestamp kEpoch = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

/// The parameters of one statement in the binary format. Types stand in the SQL as casts.
class Params {
public:
    Params& uuid(const Uuid& value);
    Params& uuid(const std::optional<Uuid>& value);
    Params& integer(std::int32_t value);
    Params& bigint(std::int64_t value);
    Params& boolean(bool value);
    Params& text(std::string_view value);
    Params& maybe_text(const std::optional<std::string>& value);
    Params& maybe_time(std::optional<Timestamp> value);
    Params& bytes(std::span<const std::byte> value);

    /// Arrays take any range and a projection to its element: Uuid, int, std::int64_t, bool, a string or Timestamp; of
    /// Uuid, std::int64_t and a string also an optional (nothing: NULL).
    template <class Range, class Projection>
    Params& uuids(const Range& range, Projection of);
    template <class Range, class Projection>
    Params& integers(const Range& range, Projection of);
    template <class Range, class Projection>
    Params& bigints(const Range& range, Projection of);
    template <class Range, class Projection>
    Params& booleans(const Range& range, Projection of);
    template <class Range, class Projection>
    Params& texts(const Range& range, Projection of);
    template <class Range, class Projection>
    Params& times(const Range& range, Projection of);

    std::size_t size() const { return values_.size(); }
    const std::vector<std::optional<std::string>>& values() const { return values_; }

private:
    template <class Range, class Projection>
    Params& array(std::uint32_t oid, const Range& range, Projection of);

    std::vector<std::optional<std::string>> values_;
};

namespace detail {

// These are OIDs of built-in types, which are fixed in PostgreSQL's catalog (pg_type.dat).
inline constexpr std::uint32_t kBool = 16, kInt8 = 20, kInt4 = 23, kText = 25, kTimestamptz = 1184, kUuid = 2950;

inline void put_element(std::string& out, const Uuid& value) {
    put(out, std::int32_t{16});
    out.append(reinterpret_cast<const char*>(value.bytes.data()), 16);
}
inline void put_element(std::string& out, std::int32_t value) {
    put(out, std::int32_t{4});
    put(out, value);
}
inline void put_element(std::string& out, std::int64_t value) {
    put(out, std::int32_t{8});
    put(out, value);
}
inline void put_element(std::string& out, bool value) {
    put(out, std::int32_t{1});
    out.push_back(value ? 1 : 0);
}
inline void put_element(std::string& out, std::string_view value) {
    put(out, static_cast<std::int32_t>(value.size()));
    out.append(value);
}
template <class T>
void put_element(std::string& out, const std::optional<T>& value) {
    if (value)
        put_element(out, *value);
    else
        put(out, std::int32_t{-1});
}

} // namespace detail

// PostgreSQL's binary array: dimensions, has-null flag, element type, size, lower bound, then length and bytes of each.
template <class Range, class Projection>
Params& Params::array(std::uint32_t oid, const Range& range, Projection of) {
    std::string out;
    put(out, std::int32_t{1});
    put(out, std::int32_t{1});
    put(out, oid);
    put(out, static_cast<std::int32_t>(std::size(range)));
    put(out, std::int32_t{1});
    for (const auto& element : range)
        detail::put_element(out, of(element));
    values_.emplace_back(std::move(out));
    return *this;
}

template <class Range, class Projection>
Params& Params::uuids(const Range& range, Projection of) {
    return array(detail::kUuid, range, of);
}
template <class Range, class Projection>
Params& Params::integers(const Range& range, Projection of) {
    return array(detail::kInt4, range, [&](const auto& element) { return static_cast<std::int32_t>(of(element)); });
}
template <class Range, class Projection>
Params& Params::bigints(const Range& range, Projection of) {
    return array(detail::kInt8, range, of);
}
template <class Range, class Projection>
Params& Params::booleans(const Range& range, Projection of) {
    return array(detail::kBool, range, [&](const auto& element) { return static_cast<bool>(of(element)); });
}
template <class Range, class Projection>
Params& Params::texts(const Range& range, Projection of) {
    return array(detail::kText, range, of);
}
template <class Range, class Projection>
Params& Params::times(const Range& range, Projection of) {
    return array(detail::kTimestamptz, range,
                 [&](const auto& element) { return std::int64_t{(of(element) - kEpoch).count()}; });
}

} // namespace smsbcast::adapters::postgres
