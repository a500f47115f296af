// SPDX-License-Identifier: Apache-2.0
#include "controller/client/align_line.hpp"

#include "controller/client/align_texts.hpp"
#include "controller/client/operator_words.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/words.hpp"

#include <boost/json.hpp>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

AlignLine::AlignLine(CLI::App& align, CLI::App& tape_changed, DeckLine::Ways ways) : ways_(std::move(ways)) {
    ways_.add_common(align);
    align.add_option("PROCEDURE", options_.procedure, "which; without one: the procedures there are");
    CLI::Option* const automatic = align.add_flag("--automatic", automatic_, "set by the deck's converters");
    align.add_flag("--guided", guided_, "set by you: turn the screws after the readings")->excludes(automatic);
    align.add_option("--stock", options_.stock, "the tape's profile; default tape.stock of the configuration");
    align.add_option("--batch", options_.batch, "its batch, as on the box; default tape.batch");
    align.add_option("--operator", options_.operator_name, "who aligns; default alignment.operator");
    align.add_option("--tape", options_.calibration_tape, "the calibration tape's profile, where one is played");
    align.add_flag("--anew", options_.anew,
                   "from the first step, though one that was broken off could be gone on with");
    align.add_flag("--print-through", options_.print_through, "of a proof: also that; five minutes longer");
    align.add_flag("--join", options_.join, "be an operator of the alignment that runs already, from here too");
    align
        .add_option("--say", say_, "say this to the alignment that runs, and return: accept [VALUE], skip, back, abort")
        ->type_name("WORDS");
    align.footer("Keys: Enter accept, s skip, b back, q end, digits and Enter for a value; Ctrl-C stops the deck.\n"
                 "With --json, or without a terminal, lines from standard input are the operator: accept [VALUE], "
                 "skip, back, abort, wait STEP [done|turn|watch|confirm|enter].");
    align.callback([this] {
        if ((options_.join || !say_.empty()) && !options_.procedure.empty()) {
            throw CLI::ValidationError("align", "--join and --say go to the alignment that runs; name no procedure");
        }
        ways_.chosen([this] {
            return !say_.empty() ? say() : options_.procedure.empty() && !options_.join ? list() : run();
        });
    });
    ways_.add_common(tape_changed);
    tape_changed.callback([this] { ways_.chosen([this] { return changed(); }); });
}

int AlignLine::list() const {
    const json::value answer = ways_.daemon().call("align_procedures");
    ways_.show(answer, procedures_text(answer));
    return 0;
}

int AlignLine::say() const {
    const auto line = operator_line(say_);
    if (!line) {
        throw UnusableArgument("--say: " + line.error().message);
    }
    if (!*line || (*line)->says.empty()) {
        throw UnusableArgument("--say: '" + printable(say_) +
                               "' says nothing; expected accept [VALUE], skip, back or abort");
    }
    const json::value answer = ways_.daemon().call("align_say", say_request(**line));
    ways_.show(answer, "said\n");
    return 0;
}

int AlignLine::run() {
    options_.json = ways_.json();
    options_.guided = guided_ ? std::optional(true) : automatic_ ? std::optional(false) : std::nullopt;
    RpcClient daemon = ways_.daemon();
    return run_align(daemon, options_);
}

int AlignLine::changed() const {
    const json::value answer = ways_.daemon().call("tape_changed");
    ways_.show(answer, at(answer, "status") == "accepted" ? "the tape is changed: record can be armed again\n"
                                                          : text(at(answer, "reason")) + "\n");
    return 0;
}

} // namespace overbias::controller
