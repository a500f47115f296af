// SPDX-License-Identifier: Apache-2.0
#include "controller/files/upload_record.hpp"

#include "base/json/json_text.hpp"
#include "controller/report_file.hpp"

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

namespace overbias::controller {

namespace json = boost::json;

Result<void> write_record(const std::filesystem::path& folder, const UploadRecord& record) {
    const Upload& upload = record.upload;
    return write_file_atomically(folder / kUploadRecord, json_indented(json::object{{"id", upload.id},
                                                                                    {"name", upload.name},
                                                                                    {"size", upload.size},
                                                                                    {"received", upload.received},
                                                                                    {"complete", upload.complete},
                                                                                    {"sha256", upload.sha256},
                                                                                    {"promised", record.promised_hash},
                                                                                    {"changed_s", upload.changed_s}}) +
                                                             "\n");
}

Result<UploadRecord> read_record(const std::filesystem::path& folder) {
    const auto path = folder / kUploadRecord;
    std::ifstream file(path);
    if (!file) {
        return Error{"there is no '" + path.string() + "'"};
    }
    std::stringstream text;
    text << file.rdbuf();
    try {
        const json::object object = json::parse(text.str()).as_object();
        const auto word = [&object](const char* key) { return json::value_to<std::string>(object.at(key)); };
        UploadRecord record;
        record.upload = {.id = word("id"),
                         .name = word("name"),
                         .size = object.at("size").to_number<std::int64_t>(),
                         .received = object.at("received").to_number<std::int64_t>(),
                         .complete = object.at("complete").as_bool(),
                         .sha256 = word("sha256"),
                         .changed_s = object.at("changed_s").to_number<std::int64_t>()};
        record.promised_hash = word("promised");
        return record;
    } catch (const std::exception& wrong) {
        return Error{"'" + path.string() + "' is not what an upload leaves there: " + wrong.what()};
    }
}

} // namespace overbias::controller
