#pragma once

#include <string_view>

namespace smsbcast {

/// The name of the one provider that the settings `PROVIDER_*` describe. Provider ids are unique within a provider
/// only, so whatever stores or looks up such an id has the provider's name beside it.
inline constexpr std::string_view kDefaultProvider = "default";

} // namespace smsbcast
