#include "wire.hpp"

#include "smsbcast/domain/message_text.hpp"

namespace smsbcast::adapters::postgres {

std::string clean_text(std::string_view text, std::size_t most) {
    std::string clean;
    clean.reserve(std::min(text.size(), most));
    while (!text.empty() && clean.size() < most) {
        // The shortest prefix that is a whole character, if any.
        std::size_t length = 1;
        while (length <= 4 && length <= text.size() && !count_utf8(text.substr(0, length)))
            ++length;
        const bool whole = length <= 4 && length <= text.size() && text.front() != '\0';
        if (whole && clean.size() + length > most)
            break;
        clean += whole ? std::string(text.substr(0, length)) : "?";
        text.remove_prefix(whole ? length : 1);
    }
    return clean;
}

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

} // namespace smsbcast::adapters::postgres
