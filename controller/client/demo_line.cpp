// SPDX-License-Identifier: Apache-2.0
#include "controller/client/demo_line.hpp"

#include "audio/demo_programme.hpp"
#include "controller/client/print_command.hpp"

#include <boost/json.hpp>
#include <utility>

namespace overbias::controller {

DemoLine::DemoLine(CLI::App& demo, DeckLine::Ways ways) : ways_(std::move(ways)) {
    ways_.add_common(demo);
    demo.add_option("FILE", file_, "the WAV file to write")->required();
    demo.add_option("--seconds", seconds_, "its length (default 30)")->check(CLI::Range(1.0, 3600.0));
    demo.add_option("--seed", seed_, "another piece of music for another number");
    demo.callback([this] {
        ways_.chosen([this] {
            if (const auto written = audio::write_demo_programme(file_, seconds_, seed_); !written) {
                throw UnusableArgument(written.error().message);
            }
            ways_.show(boost::json::object{{"file", file_}, {"duration_s", seconds_}}, "wrote " + file_ + "\n");
            return 0;
        });
    });
}

} // namespace overbias::controller
