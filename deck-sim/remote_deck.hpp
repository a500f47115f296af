// SPDX-License-Identifier: Apache-2.0
// RemoteDeck: what the deck's own logic offers a remote control that talks to it (serial faces): keys, modes, and the
// whole of its state as its front panel and its counter show it. Commands take effect at once and are over at once;
// nothing here is held down. Thread: the timeline's.
#pragma once

#include <array>
#include <cstddef>

namespace overbias::deck_sim {

class RemoteDeck {
  public:
    enum class Key { Stop, Play, Record, FastForward, Rewind };
    enum class Wind { Forward, Reverse };

    struct State {
        bool powered = true; ///< without mains nothing of the rest is shown, and no socket answers
        // --- lamps
        bool stop = false, play = false, record = false, fast_forward = false, rewind = false, tape_out = false;
        // --- modes beside the lamps
        bool shuttling = false, library_wind = false, editing = false, lifters_defeated = false, threading = false;
        bool cueing = false; ///< the deck's own locator is under way
        bool cued = false;   ///< it has arrived and the tape is still; until the next command
        // --- the tape, as the deck's tape roller and reels show it
        bool still = true; ///< neither the tape nor a reel moves
        bool backward = false;
        bool at_speed = false;                         ///< the capstan pulls and the tape follows within 1 %
        bool near_beginning = false, near_end = false; ///< a reel is almost empty (take-up, supply)
        double speed_m_s = 0.0;                        ///< signed, by the roller
        double counter_m = 0.0; ///< signed, of the roller's turns since power-on or the last reset
        double counter_s = 0.0; ///< the same in seconds at the selected speed
        // --- switches
        double selected_speed_ips = 15.0;
        std::array<bool, 2> ready{true, true};
        bool record_enabled = true; ///< the record-enable loop is closed
    };

    RemoteDeck() = default;
    RemoteDeck(const RemoteDeck&) = delete;
    RemoteDeck& operator=(const RemoteDeck&) = delete;
    virtual ~RemoteDeck() = default;

    /// A key, as if a finger had touched it. Record: into record, from play or from stop. While the deck's STOP contact
    /// is held closed nothing but STOP is obeyed.
    virtual void press(Key key) = 0;
    /// The reel servo moves the tape at this speed (signed, m/s) until another key; 0 holds it still under tension.
    virtual void shuttle(double speed_m_s) = 0;
    /// Fast winding at the even speed of Settings::library_wind_m_s.
    virtual void library_wind(Wind direction) = 0;
    /// The deck's own locator: winds to this place of its counter and stops there.
    virtual void cue_up(double counter_m) = 0;
    /// Brakes and motors off, the operator moves the reels by hand; only from stop. Off: stop.
    virtual void edit(bool on) = 0;
    /// Lays the tape on the heads while it winds or stands.
    virtual void lifter_defeat(bool on) = 0;
    /// Low tension for threading while the tape is out.
    virtual void thread_tension(bool on) = 0;
    /// The capstan's speed switch; it can be thrown while the tape moves. False when the deck has no such speed.
    virtual bool select_speed(double speed_ips) = 0;
    /// Track 1 or 2. Safe ends a recording on that track at once; ready counts from the next record command on.
    virtual void set_ready(int track, bool on) = 0;
    /// The counter shows this from now on.
    virtual void preset_counter(double counter_m) = 0;

    [[nodiscard]] virtual State state() = 0;
};

} // namespace overbias::deck_sim
