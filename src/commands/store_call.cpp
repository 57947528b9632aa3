#include "store_call.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace smsbcast::commands {

config::Config for_store(const config::LoadResult& loaded) {
    auto config = loaded.config;
    std::error_code ignored;
    const bool is_file = loaded.given("database.data") || std::filesystem::exists(config.database.data, ignored);
    if (!loaded.given("database.url") && is_file)
        config.database.embedded = config.database.data;
    return config;
}

void rethrow_with_hint(const std::runtime_error& error, const config::LoadResult& loaded,
                       const config::Config& config) {
    if (loaded.given("database.url") || config.database.embedded)
        throw;
    throw std::runtime_error(fmt::format("{}; DATABASE_URL was not given, so its default was asked: for the embedded "
                                         "store give --data FILE",
                                         error.what()));
}

std::string store_name(const config::Config& config) {
    return config.database.embedded ? *config.database.embedded : std::string("the database");
}

void fail_for_store(const boost::system::error_code& error) {
    if (error == Errc::conflict || error == Errc::internal)
        throw std::runtime_error("the schema is not this program's: run smsbcast migrate");
    throw std::runtime_error(fmt::format("the database cannot be asked: {}", error.message()));
}

} // namespace smsbcast::commands
