#include "smsbcast/base/log.hpp"

#include "smsbcast/base/overload.hpp"

#include <fmt/format.h>

#include <atomic>

#include <unistd.h>

namespace smsbcast::log {

namespace {

void write_to_stderr(std::string_view line) {
    // A write that fails or stays short is not repeated: on a full disk a loop here would stop the
    // shard that logs, and a lost line is the smaller harm.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

// These are written before threads start and by tests; atomics, since every thread reads them.
std::atomic<Level> g_least{Level::info};
std::atomic<Format> g_format{Format::json};
std::atomic<Sink> g_sink{&write_to_stderr};
// A thread works for one role for life, so its lines need no argument that names it.
thread_local std::string_view t_role;

constexpr std::string_view name(Level level) {
    switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warn: return "warn";
    case Level::error: return "error";
    }
    return "error";
}

// Line breaks and control characters are escaped: a text from outside must not be able to forge a
// line of its own, nor to move a terminal's cursor.
void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out.append({'\\', c});
        else if (c == '\n')
            out.append("\\n");
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
        else
            out.push_back(c);
    }
}

void append_quoted(std::string& out, std::string_view text) {
    out.push_back('"');
    append_escaped(out, text);
    out.push_back('"');
}

void append_value(std::string& out, const Field& field, Format format) {
    std::visit(Overload{[&](const std::string& text) {
                            // In the text format quotes are spared where a value cannot be misread,
                            // which is what people scan the log for.
                            const bool bare = format == Format::text && !text.empty() &&
                                              text.find_first_of(" \"\\=\n\r\t") == std::string::npos;
                            bare ? append_escaped(out, text) : append_quoted(out, text);
                        },
                        [&](bool flag) { out.append(flag ? "true" : "false"); },
                        [&](double number) { fmt::format_to(std::back_inserter(out), "{:.3f}", number); },
                        [&](std::int64_t number) { fmt::format_to(std::back_inserter(out), "{}", number); }},
               field.value());
}

} // namespace

void configure(Level least, Format format) {
    g_least = least;
    g_format = format;
}

void set_sink(Sink sink) {
    g_sink = sink ? sink : &write_to_stderr;
}

void set_role(std::string_view role) {
    t_role = role;
}

bool enabled(Level level) {
    // Relaxed, since nothing else hangs on the order: a line around a change of the level may go
    // either way.
    return level >= g_least.load(std::memory_order_relaxed);
}

std::string format_line(Format format, Timestamp time, Level level, std::string_view role, std::string_view event,
                        std::initializer_list<Field> fields) {
    std::string line;
    // Most lines fit, so they cost one allocation.
    line.reserve(256);
    if (format == Format::json) {
        fmt::format_to(std::back_inserter(line), R"({{"time":"{}","level":"{}","role":"{}","event":"{}")",
                       to_rfc3339(time), name(level), role, event);
        for (const auto& field : fields) {
            fmt::format_to(std::back_inserter(line), R"(,"{}":)", field.key());
            append_value(line, field, format);
        }
        line.push_back('}');
    } else {
        fmt::format_to(std::back_inserter(line), "{} {:5} {:13} {}", to_rfc3339(time), name(level), role, event);
        for (const auto& field : fields) {
            fmt::format_to(std::back_inserter(line), " {}=", field.key());
            append_value(line, field, format);
        }
    }
    return line;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (!enabled(level))
        return;
    auto line = format_line(g_format, wall_clock(), level, t_role, event, fields);
    // The newline belongs to the same write, or lines of two processes on one pipe could run
    // together.
    line.push_back('\n');
    g_sink.load()(line);
}

} // namespace smsbcast::log
