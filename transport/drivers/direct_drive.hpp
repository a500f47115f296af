// SPDX-License-Identifier: Apache-2.0
// DirectDrive: a machine whose reels (and capstan) are turned by motors on VESC controllers, with solenoids for brakes,
// lifters and pinch roller on lines. There is no logic beside us: this driver is the deck's.
//
// The controllers hold the torque, torque = tension x radius, set as a current; at every tick (50 Hz) the driver trims
// it: radius, acceleration, tension arms. Each of these settings feeds the controllers' own timeout, so a dead link or
// a dead daemon leaves brake current on both reels; the springs of the brakes do the rest.
//
// Order of things (rules of rtzaudio's DTC TransportTask.c): record off before anything else; from wind to play over a
// tape that is still; lifters out before the tape moves fast, back before the pinch roller closes; brakes only when
// nothing moves, the feeding reel's slightly first; except where control of the motors is lost: then the brakes stop
// the tape. Nothing that was lost resumes: after a dead link, a stall or a fault of a controller everything stays
// braked until STOP is pressed. Thread: the timeline's.
#pragma once

#include "transport/deck.hpp"
#include "transport/drivers/direct_drive_config.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/serial_link.hpp"
#include "transport/io/tach.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace overbias::transport {

class DirectDrive final : public Deck {
  public:
    /// `links`: those the motors' configuration counts, 1 ... 3. `tach`: the tape roller, required. `report` is told
    /// the wire budget at the start, in words. Throws std::invalid_argument naming the key or line, also when a tick's
    /// frames do not fit the wire.
    DirectDrive(Timeline& timeline, std::vector<SerialLink*> links, Lines& lines, Tach& tach,
                const DirectDriveConfig& config, const std::function<void(const std::string&)>& report = {});
    /// Applies the brakes and ends record; call make_safe() and let the timeline run until busy_until() before.
    ~DirectDrive() override;

    [[nodiscard]] const DeckCapabilities& capabilities() const noexcept override;
    Result<void> press(Key key) override;
    [[nodiscard]] Tallies tallies() const override;
    [[nodiscard]] TachReading tach() override;
    void on_change(std::function<void()> listener) override;
    void make_safe() noexcept override;
    [[nodiscard]] DeckTime busy_until() const noexcept override;

    Result<void> shuttle(double speed_m_s) override;
    Result<void> library_wind(Direction direction) override;
    Result<void> edit(bool on) override;
    Result<void> defeat_lifters(bool on) override;
    Result<void> select_speed(double ips) override;
    Result<void> thread_tension(bool on) override;

    [[nodiscard]] ReelReading reels() override;
    [[nodiscard]] LinkState link() const override;
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> details() const override;

    /// Every frame either way, for `overbias deck lines`; an empty function ends it.
    void trace(SerialTrace listener);
    /// What a tick's frames take on the wire, as told at the start.
    [[nodiscard]] std::string wire_budget() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::transport
