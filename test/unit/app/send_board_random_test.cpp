#include "smsbcast/app/send_board.hpp"
#include "support/app_ids.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

using namespace smsbcast;
using namespace smsbcast::test;
using app::SendBoard;
using app::SendItem;
using app::TicketEnd;
using std::chrono::milliseconds;

namespace {

/// Drives a board at random and holds it against a model that only knows what must be true.
class BoardRig {
public:
    BoardRig(std::uint64_t seed, bool mark) : random_(seed), mark_(mark), board_(options(mark)) {}

    void run() {
        for (int i = 0; i < 3000; ++i)
            step();
        board_.stop();
        draining_ = true;
        for (int i = 0; i < 3000 && !board_.empty(); ++i)
            step();
        CHECK(board_.empty());
        CHECK(model_.empty());
        CHECK(board_.in_flight() == 0);
        CHECK(board_.unrecorded() == 0);
        CHECK(board_.ready() == 0);
    }

private:
    struct Model {
        int messages = 0;
        int handed_out = 0;
        int in_flight = 0;
        int unrecorded = 0;
        bool begun = false;
        bool lost = false;
        bool given_back = false;
        SendBoard::TimePoint usable_until;
    };

    static app::SendBoardOptions options(bool mark) { return {.mark_in_flight = mark, .most_unrecorded = 40}; }
    int pick(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }

    void step() {
        now_ += milliseconds(pick(20));
        switch (pick(14)) {
        case 0: return add();
        case 1: return mark_some();
        case 2: return answer_marking();
        case 3: return renew();
        case 4: return check();
        case 5: return record();
        case 6: return give_back();
        case 7: return pick(30) == 0 ? give_back_all() : void();
        case 8:
        case 9:
        case 10: return finish();
        default: return send();
        }
    }

    void add() {
        if (model_.size() > 12 || draining_)
            return;
        const TicketRef ref{ticket_id(++last_ticket_), 1};
        TakenTicket taken{ref, broadcast_id(pick(4)), nullptr, std::vector<PendingMessage>(1 + pick(8))};
        Model& model = model_[ref];
        model.messages = static_cast<int>(taken.messages.size());
        model.usable_until = now_ + milliseconds(500);
        broadcast_[ref] = taken.broadcast;
        board_.add(std::move(taken), {1, static_cast<std::uint64_t>(last_ticket_)},
                   {model.usable_until, now_ + milliseconds(600)});
    }

    void give_back_all() {
        for (const auto& [ref, model] : model_)
            halted_.insert(ref);
        board_.give_back_all();
    }

    void send() {
        const auto item = board_.next(now_);
        if (!item)
            return;
        Model& model = model_.at(item->ticket);
        CHECK(!model.lost);
        CHECK(!halted_.contains(item->ticket));
        CHECK((!mark_ || model.begun));
        CHECK(now_ < item->lease_until);
        CHECK(++model.handed_out <= model.messages);
        ++model.in_flight;
        flying_.push_back(*item);
    }

    void finish() {
        if (flying_.empty())
            return;
        std::swap(flying_[static_cast<std::size_t>(pick(static_cast<int>(flying_.size())))], flying_.back());
        MessageResult result;
        result.ticket = flying_.back().ticket;
        flying_.pop_back();
        --model_.at(result.ticket).in_flight;
        ++model_.at(result.ticket).unrecorded;
        board_.finish(std::move(result));
    }

    void record() {
        const auto results = board_.take_results(static_cast<std::size_t>(1 + pick(10)));
        for (const auto& result : results)
            --model_.at(result.ticket).unrecorded;
        board_.recorded(results);
        check_ended();
    }

    void mark_some() {
        for (const auto& ref : board_.to_mark(static_cast<std::size_t>(1 + pick(5)))) {
            CHECK(mark_);
            marking_.push_back(ref);
        }
    }

    void answer_marking() {
        std::vector<TicketRef> ours;
        if (pick(4) == 0)
            return board_.not_marked(std::exchange(marking_, {})), check_ended();
        for (const auto& ref : marking_) {
            model_.at(ref).begun = pick(8) != 0;
            model_.at(ref).lost = model_.at(ref).lost || !model_.at(ref).begun;
            if (model_.at(ref).begun)
                ours.push_back(ref);
        }
        board_.marked(std::exchange(marking_, {}), ours);
        check_ended();
    }

    void renew() {
        const auto asked = board_.held();
        LeaseReport report;
        for (const auto& ref : asked) {
            if (pick(20) == 0) {
                report.lost.push_back(ref.id);
                model_.at(ref).lost = true;
            } else if (pick(20) == 0) {
                report.halted.push_back(ref.id);
                halted_.insert(ref);
            }
        }
        board_.renewed(asked, report, now_ + milliseconds(500));
        check_ended();
    }

    void check() {
        const auto asked = board_.broadcasts();
        std::vector<BroadcastId> halted;
        if (pick(10) == 0 && !asked.empty()) {
            halted.push_back(asked.front());
            for (const auto& [ref, broadcast] : broadcast_)
                if (broadcast == asked.front() && model_.contains(ref))
                    halted_.insert(ref);
        }
        board_.checked(asked, halted, now_ + milliseconds(600));
    }

    void give_back() {
        const auto refs = board_.to_give_back();
        for (const auto& ref : refs) {
            const Model& model = model_.at(ref);
            CHECK(model.in_flight == 0);
            CHECK(model.unrecorded == 0);
            CHECK(model.handed_out < model.messages);
            CHECK(std::find(marking_.begin(), marking_.end(), ref) == marking_.end());
        }
        if (pick(3) == 0)
            return;
        for (const auto& ref : refs)
            model_.at(ref).given_back = true;
        board_.given_back(refs);
        check_ended();
    }

    void check_ended() {
        for (const auto& ended : board_.take_ended()) {
            REQUIRE(model_.contains(ended.ref));
            const Model& model = model_.at(ended.ref);
            CHECK(ended.tags.size() == 1);
            CHECK(model.in_flight == 0);
            CHECK(model.unrecorded == 0);
            switch (ended.end) {
            case TicketEnd::finished: CHECK(model.handed_out == model.messages); break;
            case TicketEnd::given_back: CHECK(model.given_back); break;
            case TicketEnd::lost: CHECK(model.lost); break;
            }
            model_.erase(ended.ref);
        }
    }

    std::mt19937_64 random_;
    bool mark_;
    bool draining_ = false;
    SendBoard board_;
    SendBoard::TimePoint now_ = SendBoard::TimePoint{} + std::chrono::hours(1);
    int last_ticket_ = 0;
    std::map<TicketRef, Model> model_;
    std::map<TicketRef, BroadcastId> broadcast_;
    std::set<TicketRef> halted_;
    std::vector<SendItem> flying_;
    std::vector<TicketRef> marking_;
};

} // namespace

TEST_CASE("board: holds under any order of events", "[app][board]") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        INFO("seed " << seed);
        BoardRig(seed, false).run();
        BoardRig(seed, true).run();
    }
}
