#include "log_capture.hpp"

#include "smsbcast/base/log.hpp"

#include <mutex>

namespace smsbcast::test::queue {

namespace {

std::mutex g_mutex;
std::string g_text;

void keep(std::string_view line) {
    const std::lock_guard lock(g_mutex);
    g_text.append(line);
}

} // namespace

LogCapture::LogCapture() {
    const std::lock_guard lock(g_mutex);
    g_text.clear();
    log::set_sink(&keep);
}

LogCapture::~LogCapture() {
    log::set_sink(nullptr);
}

std::string LogCapture::text() const {
    const std::lock_guard lock(g_mutex);
    return g_text;
}

std::vector<std::string> LogCapture::lines(std::string_view event) const {
    const std::string all = text();
    const std::string mark = "\"event\":\"" + std::string(event) + '"';
    std::vector<std::string> found;
    for (std::size_t begin = 0; begin < all.size();) {
        const auto end = all.find('\n', begin);
        if (auto line = all.substr(begin, end - begin); line.find(mark) != std::string::npos)
            found.push_back(std::move(line));
        begin = end + 1;
    }
    return found;
}

} // namespace smsbcast::test::queue
