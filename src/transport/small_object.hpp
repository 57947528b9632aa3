#pragma once

#include "smsbcast/http/problem.hpp"

#include <boost/json/object.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::transport {

/// The body of a small request: one JSON object, read as a whole.
class SmallObject {
public:
    /// An empty body is an object without members. Nothing where the text is no JSON object.
    static std::optional<SmallObject> parse(std::string_view body);

    /// 400, where parse() gave nothing.
    static http::Problem no_object();

    /// The member, null when there is none.
    const boost::json::value* find(std::string_view name) const {
        return members_.if_contains({name.data(), name.size()});
    }
    bool has(std::string_view name) const { return find(name) != nullptr; }

    /// The member's text; nothing where there is none, or it is no text.
    std::optional<std::string> text(std::string_view name) const;

    /// Adds every member of another name to `errors`, 20 at most.
    void find_strangers(std::initializer_list<std::string_view> known, std::vector<http::FieldError>& errors) const;

private:
    explicit SmallObject(boost::json::object members) : members_(std::move(members)) {}

    boost::json::object members_;
};

} // namespace smsbcast::transport
