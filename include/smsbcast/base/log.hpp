#pragma once

#include "smsbcast/base/strong_id.hpp"

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace smsbcast::log {

/// Ascending: a line is written when its level is at least the configured one.
enum class Level { debug, info, warn, error };
/// `json` is one object per line, for programs; `text` has `key=value` pairs, for people.
enum class Format { json, text };

/// One `key: value` of a log line. Takes what may be logged and nothing else: ids, numbers, times, error codes and
/// fixed words. A phone number has its own type whose text is masked; a message's body has no way in.
class Field {
public:
    Field(std::string_view key, std::string_view text) : key_(key), value_(std::string(text)) {}
    Field(std::string_view key, const char* text) : key_(key), value_(std::string(text)) {}
    Field(std::string_view key, std::string text) : key_(key), value_(std::move(text)) {}
    Field(std::string_view key, bool flag) : key_(key), value_(flag) {}
    Field(std::string_view key, double number) : key_(key), value_(number) {}
    template <std::integral Integer>
    Field(std::string_view key, Integer number) : key_(key), value_(static_cast<std::int64_t>(number)) {}
    Field(std::string_view key, const Uuid& id) : key_(key), value_(to_string(id)) {}
    template <class Tag>
    Field(std::string_view key, const StrongId<Tag>& id) : key_(key), value_(to_string(id)) {}
    Field(std::string_view key, std::chrono::nanoseconds duration)
        : key_(key),
          value_(static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count())) {}
    Field(std::string_view key, const boost::system::error_code& code) : key_(key), value_(code.message()) {}

    const std::string& key() const { return key_; }
    const std::variant<std::string, bool, double, std::int64_t>& value() const { return value_; }

private:
    std::string key_;
    std::variant<std::string, bool, double, std::int64_t> value_;
};

/// The place where lines go. The default writes to standard error in one write(2) per line, so
/// lines of several threads never mix. A write that fails or stays short is not repeated: the line
/// is lost.
using Sink = void (*)(std::string_view line);

/// Set once, before threads start.
void configure(Level least, Format format);
/// Tests call it to see the lines. Null brings the default back.
void set_sink(Sink sink);

/// The role that the calling thread works for, which is part of each of its lines. `role` must
/// outlive the thread.
void set_role(std::string_view role);

/// True when a line of that level would be written: lets a caller spare the making of its fields.
bool enabled(Level level);

/// Writes one line: time, level, role, event, fields. Events are fixed words in snake_case (`ticket_published`), so
/// that they can be searched for; control characters in values are escaped.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::debug))
        write(Level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::info, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::warn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::error, event, fields);
}

/// The line that write() makes, without the newline. Pure; for tests.
std::string format_line(Format format, Timestamp time, Level level, std::string_view role, std::string_view event,
                        std::initializer_list<Field> fields);

} // namespace smsbcast::log
