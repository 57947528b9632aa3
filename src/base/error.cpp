#include "smsbcast/base/error.hpp"

namespace smsbcast {

namespace {

// Boost's category has a protected destructor in its C++20 form, which this warning does not see.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "smsbcast"; }

    // These words are for log lines and terminals; the API's answers have texts of their own for
    // each case.
    std::string message(int value) const override {
        switch (static_cast<Errc>(value)) {
        case Errc::not_found: return "not found";
        case Errc::conflict: return "the present state forbids it";
        case Errc::invalid: return "invalid input";
        case Errc::timeout: return "the deadline passed";
        case Errc::unavailable: return "unavailable";
        case Errc::blocked: return "the other side is connected, but accepts nothing now";
        case Errc::overloaded: return "overloaded";
        case Errc::uncertain: return "the outcome of a commit is not known";
        case Errc::retry: return "the transaction must be run again";
        case Errc::stopping: return "stopping";
        case Errc::refused: return "the store refuses a value in it";
        case Errc::stalled: return "something has waited for 10 s to be stored, and nothing of it could be";
        case Errc::forbidden: return "the caller may not do this";
        case Errc::internal: return "internal error";
        }
        return "unknown error";
    }
};
#pragma GCC diagnostic pop

} // namespace

const boost::system::error_category& error_category() noexcept {
    // Categories are compared by address, so there must be exactly one.
    static const Category category;
    return category;
}

boost::system::error_code make_error_code(Errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

bool is_retryable(const boost::system::error_code& code) noexcept {
    // `refused` and `conflict` are left out on purpose: the same call would fail in the same way,
    // and a loop around it would never end.
    return code == Errc::timeout || code == Errc::unavailable || code == Errc::blocked || code == Errc::overloaded ||
           code == Errc::uncertain || code == Errc::retry;
}

} // namespace smsbcast
