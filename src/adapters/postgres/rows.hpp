#pragma once

#include "smsbcast/base/strong_id.hpp"

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace smsbcast::adapters::postgres {

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

/// The rows of one statement, in the binary format. Columns are named by position, types are those of the statement:
/// reading another type than it selects is a bug, and is not checked.
class Rows {
public:
    Rows() = default;
    explicit Rows(ResultHandle result) : result_(std::move(result)) {}

    int size() const { return result_ ? PQntuples(result_.get()) : 0; }
    bool empty() const { return size() == 0; }

    /// How many rows an INSERT, UPDATE or DELETE changed; 0 for other commands.
    std::int64_t affected() const;

    bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
    Uuid uuid(int row, int column) const;
    std::int32_t integer(int row, int column) const;
    std::int64_t bigint(int row, int column) const;
    bool boolean(int row, int column) const;
    std::string_view text(int row, int column) const;
    Timestamp time(int row, int column) const;
    std::span<const std::byte> bytes(int row, int column) const;

    std::optional<Uuid> maybe_uuid(int row, int column) const;
    std::optional<std::string> maybe_text(int row, int column) const;
    std::optional<Timestamp> maybe_time(int row, int column) const;

private:
    ResultHandle result_;
};

} // namespace smsbcast::adapters::postgres
