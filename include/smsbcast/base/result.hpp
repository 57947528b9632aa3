#pragma once

#include "smsbcast/base/error.hpp"

#include <boost/system/result.hpp>

namespace smsbcast {

/// A value, or the reason why there is none. Returned wherever a caller can act on the failure; exceptions are for bugs
/// and for constructors.
template <class T>
using Result = boost::system::result<T>;

} // namespace smsbcast
