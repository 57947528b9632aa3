#include "smsbcast/roles/backend.hpp"

namespace smsbcast::roles {

std::unique_ptr<StoreBackend> make_store_backend(const config::Config& config) {
    return config.database.embedded ? make_embedded_backend(*config.database.embedded) : make_postgres_backend(config);
}

Backend make_backend(const config::Config& config) {
    Backend backend;
    backend.store = make_store_backend(config);
    backend.queue = config.amqp.in_process ? make_inprocess_backend(config) : make_rabbitmq_backend(config);
    return backend;
}

} // namespace smsbcast::roles
