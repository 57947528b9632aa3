#pragma once

#include "database.hpp"

#include "smsbcast/base/set_aside.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace smsbcast::adapters::postgres {

/// Finds rows and changes them in one transaction. Where the server refuses that for what one of
/// them holds, it changes all others in as many transactions as it takes, leaves the one alone for
/// ten minutes, and logs it.
class Sweeping {
public:
    using Ids = std::vector<Uuid>;

    struct Step {
        std::string_view row_name; ///< of the id of a row, in the log
        std::function<Transaction(const Ids& set_aside)> find;
        std::function<Transaction(const Ids& rows)> change;
        std::function<std::int64_t(const Rows&)> count = counted;
        /// For a row that is refused, where less can be done to it.
        std::function<Transaction(const Ids& row)> change_less{};
        /// For a ticket that is refused: takes these messages out of it alone.
        std::function<Transaction(const Ids& ticket, const Ids& messages)> change_messages{};
    };

    explicit Sweeping(std::shared_ptr<Database> database) : database_(std::move(database)) {}

    /// How many were changed. Errors: those of Database::run but for `refused`.
    runtime::Awaitable<Result<std::int64_t>> run(Step step, Deadline deadline);

    /// The number that the only row holds, or the number of rows that were affected where there is
    /// none.
    static std::int64_t counted(const Rows& rows);

private:
    using Counted = runtime::Awaitable<Result<std::int64_t>>;

    // The arguments of these coroutines must outlive the wait for them, since they are taken by
    // reference.
    runtime::Awaitable<Result<Ids>> find(Transaction transaction, Deadline deadline);
    Counted change(const Step& step, const Ids& rows, Deadline deadline);
    Counted change_each(const Step& step, const Ids& rows, Deadline deadline);
    Counted change_alone(const Step& step, const Uuid& row, Deadline deadline);
    Counted change_messages(const Step& step, const Uuid& ticket, Deadline deadline);

    std::shared_ptr<Database> database_;
    SetAside set_aside_;
};

} // namespace smsbcast::adapters::postgres
