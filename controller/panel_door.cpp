// SPDX-License-Identifier: Apache-2.0
#include "controller/panel_door.hpp"

#include <atomic>
#include <boost/json/value.hpp>
#include <chrono>
#include <utility>
#include <variant>

namespace overbias::controller {

/// The web server's only way to the machine.
class PanelDoor::Backend : public web_ui::PanelBackend {
  public:
    explicit Backend(Hooks hooks) : hooks_(std::move(hooks)) {}

    void serve(std::string message, std::function<void(std::string)> answer) override {
        auto parsed = parse_rpc(message);
        if (auto* const refusal = std::get_if<std::string>(&parsed)) {
            return answer(without_newline(std::move(*refusal)));
        }
        auto& request = std::get<RpcRequest>(parsed);
        Caller caller;
        caller.subscribe = [](const std::vector<std::string>&) {}; // a panel is told everything as it is
        Answer reply = [answer = std::move(answer), id = request.id,
                        wanted = request.wants_answer](const Reply& given) {
            answer(wanted ? without_newline(rpc_answer(given, id)) : std::string());
        };
        hooks_.serve(std::move(request), std::move(caller), std::move(reply));
    }
    void stop() override {
        // Presses are exempt from every limit. As long as one is on its way, another adds nothing to it; but one that
        // is not heard of within moments is not relied on.
        const auto now = std::chrono::steady_clock::now();
        if (pressed_->load() && now - pressed_at_ < kOnePress) {
            return;
        }
        pressed_->store(true);
        pressed_at_ = now;
        hooks_.stop([pressed = pressed_] { pressed->store(false); });
    }
    std::string health_json() override { return hooks_.health_json ? hooks_.health_json() : R"({"status":"ok"})"; }
    std::string metrics_text() override { return hooks_.metrics_text ? hooks_.metrics_text() : std::string(); }
    web_ui::UploadBackend* uploads() override { return hooks_.uploads; }
    web_ui::AudioBackend* audio() override { return hooks_.audio; }

  private:
    static std::string without_newline(std::string line) {
        if (line.ends_with('\n')) {
            line.pop_back();
        }
        return line;
    }

    static constexpr std::chrono::milliseconds kOnePress{20};
    Hooks hooks_;
    std::chrono::steady_clock::time_point pressed_at_{};
    std::shared_ptr<std::atomic<bool>> pressed_ = std::make_shared<std::atomic<bool>>(false);
};

PanelDoor::PanelDoor(web_ui::WebConfig config, Hooks hooks)
    : backend_(std::make_unique<Backend>(std::move(hooks))),
      server_(std::make_unique<web_ui::WebServer>(std::move(config), *backend_)) {
}

PanelDoor::~PanelDoor() = default;

std::string PanelDoor::address() const {
    return server_->address();
}

std::string PanelDoor::pairing_address() {
    return server_->address() + "/#token=" + server_->new_pairing_token();
}

std::uint16_t PanelDoor::port() const noexcept {
    return server_->port();
}

void PanelDoor::notify(std::string_view topic, std::string_view parameters) {
    server_->notify(topic, parameters);
}

bool PanelDoor::pictures_wanted(web_ui::PictureSource source) const noexcept {
    return server_->pictures_wanted(source);
}

void PanelDoor::publish_picture(const web_ui::PictureFrame& picture) {
    server_->publish_picture(picture);
}

void PanelDoor::publish_meters(const web_ui::MeterFrame& frame) {
    server_->publish_meters(frame);
}

} // namespace overbias::controller
