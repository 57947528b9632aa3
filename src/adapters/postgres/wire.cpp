#include "wire.hpp"

namespace smsbcast::adapters::postgres {

Params& Params::uuid(const Uuid& value) {
    values_.emplace_back(std::string(reinterpret_cast<const char*>(value.bytes.data()), 16));
    return *this;
}

Params& Params::uuid(const std::optional<Uuid>& value) {
    if (value)
        return uuid(*value);
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

} // namespace smsbcast::adapters::postgres
