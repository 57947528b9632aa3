#include "wire.hpp"

namespace smsbcast::adapters::postgres {

// Every value is given in the type that the SQL casts its parameter to. The server checks the
// length of a binary value only, so an int where a bigint is expected is an error, but a double
// would be taken for one.
Params& Params::uuid(const Uuid& value) {
    values_.emplace_back(std::string(reinterpret_cast<const char*>(value.bytes.data()), 16));
    return *this;
}

Params& Params::uuid(const std::optional<Uuid>& value) {
    if (value)
        return uuid(*value);
    // A parameter without a value is sent as NULL: libpq takes a null pointer for it.
    values_.emplace_back();
    return *this;
}

Params& Params::integer(std::int32_t value) {
    put(values_.emplace_back(std::string()).value(), value);
    return *this;
}

Params& Params::bigint(std::int64_t value) {
    put(values_.emplace_back(std::string()).value(), value);
    return *this;
}

Params& Params::boolean(bool value) {
    values_.emplace_back(std::string(1, value ? 1 : 0));
    return *this;
}

Params& Params::text(std::string_view value) {
    values_.emplace_back(std::string(value));
    return *this;
}

Params& Params::maybe_text(const std::optional<std::string>& value) {
    values_.push_back(value);
    return *this;
}

Params& Params::maybe_time(std::optional<Timestamp> value) {
    if (value)
        return bigint((*value - kEpoch).count());
    values_.emplace_back();
    return *this;
}

Params& Params::bytes(std::span<const std::byte> value) {
    values_.emplace_back(std::string(reinterpret_cast<const char*>(value.data()), value.size()));
    return *this;
}

} // namespace smsbcast::adapters::postgres
