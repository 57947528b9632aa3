#pragma once

#include <initializer_list>

namespace smsbcast {

/// Some of the values of an enum that counts from 0 to 31 at most.
template <class Enum>
class EnumSet {
public:
    constexpr EnumSet() = default;
    constexpr EnumSet(std::initializer_list<Enum> members) {
        for (const Enum member : members)
            add(member);
    }

    constexpr void add(Enum member) { bits_ |= bit(member); }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr bool contains(Enum member) const { return (bits_ & bit(member)) != 0; }

    friend constexpr bool operator==(const EnumSet&, const EnumSet&) = default;

private:
    static constexpr unsigned bit(Enum member) { return 1U << static_cast<unsigned>(member); }

    unsigned bits_ = 0;
};

} // namespace smsbcast
