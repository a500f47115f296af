// SPDX-License-Identifier: Apache-2.0
#include "controller/verifying/print_report_search.hpp"

#include <boost/json.hpp>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>

namespace overbias::controller {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::optional<std::string> content_of(const fs::path& path) {
    std::stringstream text;
    if (std::ifstream in(path, std::ios::binary); !in || !(text << in.rdbuf())) {
        return std::nullopt;
    }
    return std::move(text).str();
}

std::string text_of(const json::value& from, std::string_view key) {
    const json::object* object = from.if_object();
    const json::value* value = object == nullptr ? nullptr : object->if_contains(key);
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : std::string();
}

bool is_print(const json::value& report) {
    return text_of(report, "report") == "overbias print";
}

} // namespace

Result<PrintReportText> read_print_report(const fs::path& path) {
    auto text = content_of(path);
    if (!text) {
        return Error{"verify: '" + path.string() + "' cannot be read; expected the report of a print"};
    }
    boost::system::error_code error;
    if (const json::value report = json::parse(*text, error); error || !is_print(report)) {
        const std::string kind = error ? "what is no JSON" : text_of(report, "report");
        return Error{"verify: '" + path.string() +
                     "' is not the report of a print: expected \"report\": \"overbias "
                     "print\", got " +
                     (kind.empty() ? "JSON of another kind"
                      : error      ? kind
                                   : "\"" + kind + "\"") +
                     "; 'overbias log --prints' lists the prints, 'overbias print --report FILE' writes one"};
    }
    return PrintReportText{path, std::move(*text)};
}

Result<PrintReportText> find_print_report(const fs::path& reports, const std::string& uuid) {
    std::optional<PrintReportText> newest;
    std::string made;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(reports, error)) {
        if (entry.path().extension() != ".json") {
            continue;
        }
        auto text = content_of(entry.path());
        // most reports are not it: those are not parsed
        if (!text || (entry.path().stem() != uuid && text->find(uuid) == std::string::npos)) {
            continue;
        }
        boost::system::error_code broken;
        const json::value report = json::parse(*text, broken);
        if (broken || !is_print(report) || (entry.path().stem() != uuid && text_of(report, "session") != uuid)) {
            continue;
        }
        if (const std::string now = text_of(report, "made_utc"); !newest || now > made) {
            made = now;
            newest = PrintReportText{entry.path(), std::move(*text)};
        }
    }
    if (!newest) {
        return Error{"verify: there is no report of print " + uuid + " in " + reports.string() +
                     " (overbias log --prints lists the prints)"};
    }
    return std::move(*newest);
}

} // namespace overbias::controller
