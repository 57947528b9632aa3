#include "submit_body.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace smsbcast::adapters::http_provider {

namespace {

std::string json_string(std::string_view text) {
    return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

} // namespace

SubmitBody::SubmitBody(std::string webhook_url, std::optional<ReceiptSeal> seal) : seal_(std::move(seal)) {
    // The receipt's address carries our own id, so a receipt finds its message by primary key, even
    // when the answer with the provider's id was lost.
    const char separator = webhook_url.find('?') == std::string::npos ? '?' : '&';
    webhook_json_ = json_string(webhook_url + separator + "message_id=");
    // The closing quote is taken off, so that only the id and a quote remain to be appended per
    // message.
    webhook_json_.pop_back();
}

std::string SubmitBody::make(const Submission& submission) {
    const auto id = to_string(submission.message);
    const auto& text = escaped(submission.text);
    std::string body;
    body.reserve(200 + text.size() + webhook_json_.size());
    // The text is put together by hand: ids and numbers need no escapes, and a tree per message
    // would cost more than the rest of the submission.
    body.append(R"({"message_id":")").append(id);
    body.append(R"(","to":")").append(submission.phone.text());
    body.append(R"(","body":)").append(text);
    body.append(R"(,"dlr_webhook_url":)").append(webhook_json_).append(id);
    if (seal_ && seal_->seals(submission.message))
        body.append("&sig=").append(seal_->of(submission.message));
    body.append("\"}");
    return body;
}

const std::string& SubmitBody::escaped(const std::shared_ptr<const std::string>& text) {
    // Pointers are compared and not texts: all messages of a broadcast share one string.
    const auto known = std::ranges::find(texts_, text, &Escaped::text);
    if (known != texts_.end())
        return known->json;
    // The oldest text makes room. A broadcast whose text was replaced is only escaped anew.
    auto& place = texts_[oldest_++ % texts_.size()];
    place = {text, json_string(*text)};
    return place.json;
}

} // namespace smsbcast::adapters::http_provider
