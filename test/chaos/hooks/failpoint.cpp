#include "smsbcast/base/chaos.hpp"

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

namespace smsbcast::chaos {

namespace {

enum class Action { none, kill, stop, sleep };

struct Failpoint {
    std::string place;
    Action action = Action::none;
    long after_ms = 0; // the other threads go on meanwhile
    long hit = 1;
};

[[noreturn]] void refuse(std::string_view text) {
    std::fprintf(stderr, "SMSBCAST_FAILPOINT: cannot read '%.*s'\n", static_cast<int>(text.size()), text.data());
    std::_Exit(2);
}

long number_of(std::string_view text) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        refuse(text);
    return value;
}

Action action_of(std::string_view name) {
    if (name == "kill")
        return Action::kill;
    if (name == "stop")
        return Action::stop;
    if (name == "sleep")
        return Action::sleep;
    refuse(name);
}

Failpoint read_failpoint() {
    const char* const given = std::getenv("SMSBCAST_FAILPOINT");
    if (!given)
        return {};
    std::string_view text = given;
    Failpoint point;
    if (const auto at = text.find('@'); at != std::string_view::npos) {
        point.hit = number_of(text.substr(at + 1));
        text = text.substr(0, at);
    }
    const auto equals = text.find('=');
    if (equals == std::string_view::npos)
        refuse(text);
    point.place = text.substr(0, equals);
    const auto action = text.substr(equals + 1);
    const auto colon = action.find(':');
    point.action = action_of(action.substr(0, colon));
    if (colon != std::string_view::npos)
        point.after_ms = number_of(action.substr(colon + 1));
    return point;
}

} // namespace

void failpoint(std::string_view place) {
    static const Failpoint point = read_failpoint();
    static std::atomic<long> hits = 0;
    if (point.action == Action::none || place != point.place || ++hits != point.hit)
        return;
    std::this_thread::sleep_for(std::chrono::milliseconds(point.after_ms));
    if (point.action == Action::kill)
        std::raise(SIGKILL);
    else if (point.action == Action::stop)
        std::raise(SIGSTOP);
}

} // namespace smsbcast::chaos
