#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::test::queue {

/// Keeps the lines that are logged while it lives instead of writing them. One at a time.
class LogCapture {
public:
    LogCapture();
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;
    ~LogCapture();

    /// Those of an event.
    std::vector<std::string> lines(std::string_view event) const;
    std::string text() const;
};

} // namespace smsbcast::test::queue
