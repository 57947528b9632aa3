#include "backend.hpp"

namespace smsbcast::roles {

std::unique_ptr<StoreBackend> make_store_backend(const config::Config& config) {
    return config.database.embedded ? make_embedded_backend(*config.database.embedded) : make_postgres_backend(config);
}

Backend make_backend(std::span<const config::Role> roles, const config::Config& config) {
    const bool alone = roles.size() == 1; // the other roles are other processes, so there must be a server between them
    Backend backend;
    backend.store = make_store_backend(config);
    if (alone || config.amqp.url_given)
        backend.queue = make_rabbitmq_backend(config);
    else
        backend.queue = make_inprocess_backend(config);
    return backend;
}

} // namespace smsbcast::roles
