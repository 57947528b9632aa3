#pragma once

#include "smsbcast/http/problem.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsbcast::http {

/// The parameters of a query string. Each may be given once; those after the first kMost are not looked at.
class Query {
public:
    static constexpr std::size_t kMost = 64;

    explicit Query(std::string_view text);

    /// Nothing when it is not there.
    std::optional<std::string_view> get(std::string_view name) const;

    /// Repeated and undecodable parameters, and those whose name is not among `known`.
    std::vector<FieldError> mistakes(std::initializer_list<std::string_view> known) const;

    /// Repeated and undecodable ones alone, where others' parameters may be there.
    std::vector<FieldError> mistakes() const { return mistakes_; }

private:
    std::vector<std::pair<std::string, std::string>> values_;
    std::vector<FieldError> mistakes_;
};

} // namespace smsbcast::http
