#pragma once

#include <catch2/catch_all.hpp>

/// The tests are written for Catch2 2, which Debian 12 has. With Catch2 3 (Debian 13) this header stands in for the one
/// that they include, and gives back the names which that release moved or gave to something else.
using Catch::Approx;

namespace Catch {

using Matchers::EndsWith;
using Matchers::StartsWith;

inline Matchers::StringContainsMatcher Contains(const std::string& text) {
    return Matchers::ContainsSubstring(text);
}

} // namespace Catch
