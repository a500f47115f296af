// SPDX-License-Identifier: Apache-2.0
// The papers of a print, as the doors and the command line have them.
#include "controller/papers/paper_desk.hpp"

#include "base/async/simulated_timeline.hpp"
#include "base/base64.hpp"
#include "base/json/json_text.hpp"
#include "base/sha256.hpp"
#include "base/uuid.hpp"
#include "controller/client/paper_command.hpp"
#include "controller/client/print_command.hpp"
#include "mastering/paper/certificate.hpp"
#include "paper_examples.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <vector>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using mastering::check_certificate;
using mastering::examples::files_report;
using mastering::examples::text_of;
using mastering::examples::two_sided_report;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kSession = "2b0c7c2e-7a5e-4d3c-9a63-52b7a5f0c001"; // that both reports name

std::string file_text(const fs::path& file) {
    std::stringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::string text_in(const json::value& object, const char* name) {
    return json::value_to<std::string>(object.at(name));
}

class PaperDeskTest : public testing::Test {
  protected:
    PaperDeskTest() {
        fs::create_directories(folder);
        auto opened = logbook::Logbook::open(folder / "logbook.sqlite");
        EXPECT_TRUE(opened.ok());
        log = std::move(*opened);
        EXPECT_TRUE(log->put(logbook::DeckRecord{.uuid = "d", .name = "deck", .profile = "p", .simulated = true}));
        EXPECT_TRUE(log->put(logbook::HeadBlockRecord{.uuid = "h", .deck_uuid = "d", .name = {}}));
        add_paper_commands(registry, {.timeline = timeline,
                                      .worker = worker,
                                      .logbook = *log,
                                      .sessions = folder / "prints",
                                      .key_file = folder / "signing.key"});
    }
    ~PaperDeskTest() override {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }

    void print(const std::string& uuid, const json::object& report, bool simulated = false) {
        logbook::SessionRecord session;
        session.uuid = uuid;
        session.deck_uuid = "d";
        session.head_block_uuid = "h";
        session.kind = "print";
        session.simulated = simulated;
        EXPECT_TRUE(log->start_session(session).ok());
        logbook::PrintRecord record;
        record.uuid = record.session_uuid = uuid;
        record.verdict = "pass";
        record.report_json = text_of(report);
        EXPECT_TRUE(log->record_print(record).ok());
        EXPECT_TRUE(log->flush().ok());
    }
    Reply ask(const std::string& method, const json::object& given) {
        std::optional<Reply> told;
        registry.call(method, given, {}, [&](const Reply& reply) { told = reply; });
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!told && std::chrono::steady_clock::now() < deadline) {
            timeline.run_for(std::chrono::milliseconds(1));
            std::this_thread::yield(); // the page is made on the worker's thread
        }
        EXPECT_TRUE(told.has_value());
        return told.value_or(Reply{});
    }
    std::string paper(const json::object& given) {
        const Reply reply = ask("document", given);
        EXPECT_TRUE(reply.ok()) << reply.message;
        return reply.ok()
                   ? from_base64(std::string_view(json::parse(reply.result).at("base64").as_string())).value_or("")
                   : std::string();
    }
    json::value known(const mastering::CertificateCheck& check) {
        const Reply reply = ask("certificate_check", {{"public_key", check.public_key},
                                                      {"seq", check.chain.seq},
                                                      {"hash", check.chain.hash},
                                                      {"session", check.session},
                                                      {"report_sha256", check.report_sha256}});
        EXPECT_TRUE(reply.ok()) << reply.message;
        return reply.ok() ? json::parse(reply.result) : json::value(nullptr);
    }
    std::vector<json::value> signed_events() {
        std::vector<json::value> all;
        const auto events = log->events({}, 0, 1000);
        EXPECT_TRUE(events.ok());
        for (const logbook::StoredEvent& each : *events) {
            if (each.event.kind == "certificate_signed") {
                all.push_back(json::parse(each.event.detail_json));
            }
        }
        return all;
    }

    const fs::path folder = fs::temp_directory_path() / ("overbias-papers-" + new_uuid());
    const std::string job = new_uuid();
    SimulatedTimeline timeline;
    CommandRegistry registry;
    std::unique_ptr<logbook::Logbook> log;
    Worker worker; ///< last: what it still does uses the rest
};

TEST_F(PaperDeskTest, a_certificate_is_signed_kept_and_logged) {
    print(job, two_sided_report());
    const std::string text = paper({{"session", kSession}, {"kind", "certificate"}, {"format", "json"}});
    const auto check = check_certificate(text);
    EXPECT_TRUE(check.intact()) << check.words;
    EXPECT_EQ(check.report_sha256, sha256_hex(text_of(two_sided_report())));
    EXPECT_EQ(file_text(folder / "prints" / kSession / "certificate.json"), text);
    const std::string pdf = paper({{"session", kSession}, {"kind", "certificate"}});
    EXPECT_THAT(pdf, StartsWith("%PDF-1."));
    EXPECT_EQ(check.pdf_sha256, sha256_hex(pdf));
    EXPECT_EQ(file_text(folder / "prints" / kSession / "certificate.pdf"), pdf);
    struct ::stat about {};
    ASSERT_EQ(::stat((folder / "signing.key").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    const auto events = signed_events();
    ASSERT_EQ(events.size(), 1U); // though it was asked for twice
    EXPECT_EQ(text_in(events[0], "certificate_sha256"), check.sha256);
    EXPECT_EQ(text_in(events[0], "file_sha256"), sha256_hex(text));
    EXPECT_EQ(text_in(events[0], "pdf_sha256"), check.pdf_sha256);
    EXPECT_TRUE(log->verify_chain()->intact);
}

TEST_F(PaperDeskTest, its_own_installation_knows_key_chain_and_report) {
    print(job, two_sided_report());
    const auto check = check_certificate(paper({{"kind", "certificate"}, {"format", "json"}}));
    EXPECT_EQ(json_line(known(check)).find("false"), std::string::npos);
    EXPECT_EQ(known(check).at("report"), "same");
    auto other = check;
    other.public_key.front() = other.public_key.front() == '0' ? '1' : '0';
    EXPECT_EQ(known(other).at("own_key"), false);
    other = check;
    other.chain.seq += 1;
    EXPECT_EQ(known(other).at("head_found"), false);
    other = check;
    other.chain.hash.back() = other.chain.hash.back() == '0' ? '1' : '0';
    EXPECT_EQ(known(other).at("head_found"), false);
    other = check;
    other.report_sha256 = sha256_hex("another");
    EXPECT_EQ(known(other).at("report"), "other");
    other.session = new_uuid();
    EXPECT_EQ(known(other).at("report"), "unknown");
}

TEST_F(PaperDeskTest, a_newer_report_of_the_session_gets_a_new_certificate_and_the_old_one_stays) {
    print(job, two_sided_report());
    const std::string first = paper({{"session", kSession}, {"kind", "certificate"}, {"format", "json"}});
    json::object later = two_sided_report();
    later["verdict"] = "pass";
    print(new_uuid(), later);
    const std::string second = paper({{"session", kSession}, {"kind", "certificate"}, {"format", "json"}});
    EXPECT_EQ(check_certificate(second).verdict, "pass");
    EXPECT_EQ(check_certificate(first).verdict, "fail");
    EXPECT_EQ(file_text(folder / "prints" / kSession / ("certificate-" + sha256_hex(first).substr(0, 12) + ".json")),
              first);
    // the first print is still there by its job
    EXPECT_EQ(check_certificate(paper({{"session", job}, {"kind", "certificate"}, {"format", "json"}})).verdict,
              "fail");
}

TEST_F(PaperDeskTest, a_certificate_that_was_changed_on_the_disk_is_not_given_away) {
    print(job, files_report());
    const std::string first = paper({{"kind", "certificate"}, {"format", "json"}});
    std::string changed = first;
    changed.replace(changed.find("\"pass\""), 6, "\"fail\"");
    std::ofstream(folder / "prints" / kSession / "certificate.json", std::ios::binary) << changed;
    const std::string again = paper({{"kind", "certificate"}, {"format", "json"}});
    EXPECT_TRUE(check_certificate(again).intact());
    EXPECT_EQ(signed_events().size(), 2U);
    std::ofstream(folder / "prints" / kSession / "certificate.pdf", std::ios::app) << " ";
    const auto last = check_certificate(paper({{"kind", "certificate"}, {"format", "json"}}));
    EXPECT_EQ(last.pdf_sha256, sha256_hex(paper({{"kind", "certificate"}})));
    EXPECT_EQ(signed_events().size(), 3U);
}

TEST_F(PaperDeskTest, the_alignment_that_the_report_names_comes_from_the_logbook) {
    logbook::AlignmentEntry entry;
    entry.uuid = "9c2d"; // as in the report
    entry.deck_uuid = "d";
    entry.head_block_uuid = "h";
    entry.speed_ips = 15.0;
    entry.equalisation = "IEC1";
    entry.procedure = "record";
    entry.begun_at = entry.ended_at = "2026-03-01T09:00:00.000Z";
    logbook::AlignmentValue value;
    value.id = "record.level";
    value.channel = 1;
    value.reading = 0.03;
    value.unit = "dB";
    value.tolerance = 0.1;
    entry.values = {value};
    ASSERT_TRUE(log->record_alignment(entry).ok());
    print(job, two_sided_report());
    const json::value file = json::parse(paper({{"kind", "certificate"}, {"format", "json"}}));
    const json::value& used = file.at("certificate").at("alignment");
    ASSERT_TRUE(used.is_object());
    EXPECT_EQ(text_in(used, "uuid"), "9c2d");
    EXPECT_EQ(used.at("values").at(0).at("reading"), 0.03);
    print(new_uuid(), files_report()); // that names none
    EXPECT_TRUE(
        json::parse(paper({{"kind", "certificate"}, {"format", "json"}})).at("certificate").at("alignment").is_null());
}

TEST_F(PaperDeskTest, a_simulated_deck_is_told) {
    print(job, files_report(), true);
    EXPECT_THAT(paper({{"kind", "certificate"}, {"format", "json"}}), HasSubstr("The deck was simulated"));
    print(new_uuid(), two_sided_report(), false);
    EXPECT_THAT(paper({{"kind", "certificate"}, {"format", "json"}}), Not(HasSubstr("The deck was simulated")));
}

TEST_F(PaperDeskTest, labels_and_cue_sheets_come_in_every_form) {
    print(job, two_sided_report());
    for (const char* kind : {"label_10", "label_7", "cue_sheet"}) {
        EXPECT_THAT(paper({{"session", kSession}, {"kind", kind}}), StartsWith("%PDF-1.")) << kind;
        EXPECT_TRUE(json::parse(paper({{"kind", kind}, {"format", "json"}})).is_object()) << kind;
        EXPECT_THAT(paper({{"kind", kind}, {"format", "text"}}), HasSubstr("TAILS OUT")) << kind;
    }
    EXPECT_THAT(paper({{"kind", "certificate"}, {"format", "text"}}), HasSubstr("8 Droop: FAIL"));
    EXPECT_NE(paper({{"kind", "label_7"}}), paper({{"kind", "label_10"}}));
    EXPECT_NE(paper({{"kind", "label_7"}, {"spine_mm", 0}}), paper({{"kind", "label_7"}}));
    const Reply named = ask("document", {{"kind", "label_7"}});
    EXPECT_EQ(text_in(json::parse(named.result), "name"), std::string("label_7-") + kSession + ".pdf");
    EXPECT_TRUE(signed_events().size() == 1U); // of the certificate alone
}

TEST_F(PaperDeskTest, what_is_not_there_or_makes_no_sense_is_told) {
    EXPECT_THAT(ask("document", {{"kind", "certificate"}}).message, HasSubstr("nothing was printed yet"));
    print(job, files_report());
    const Reply none = ask("document", {{"kind", "label_7"}, {"session", new_uuid()}});
    EXPECT_EQ(none.code, ErrorCode::UnusableInput);
    EXPECT_THAT(none.message, HasSubstr("there is no report of a print session"));
    EXPECT_EQ(ask("document", {{"kind", "label_7"}, {"session", "../etc"}}).code, ErrorCode::InvalidParams);
    EXPECT_EQ(ask("document", {{"kind", "poster"}}).code, ErrorCode::InvalidParams);
    const Reply size = ask("document", {{"kind", "label_7"}, {"width_mm", 10}});
    EXPECT_EQ(size.code, ErrorCode::UnusableInput);
    EXPECT_THAT(size.message, HasSubstr("120 to 420 mm"));
}

/// The command line without a daemon.
class PaperCommandTest : public testing::Test {
  protected:
    PaperCommandTest() {
        fs::create_directories(folder);
        auto key = SigningKey::of_seed("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        auto made = mastering::make_certificate({.report = text_of(files_report()),
                                                 .chain = {1, std::string(64, '0')},
                                                 .made_utc = "2026-05-03T11:00:00.000Z",
                                                 .made_by = "test",
                                                 .notes = {}},
                                                *key);
        put("c.json", made->json);
        put("c.pdf", made->pdf);
        put("r.json", text_of(files_report()));
    }
    ~PaperCommandTest() override { fs::remove_all(folder); }
    void put(const char* name, const std::string& bytes) { std::ofstream(folder / name, std::ios::binary) << bytes; }
    CertificateAnswer verify(CertificateQuestion question) {
        question.file = folder / (question.file.empty() ? "c.json" : question.file);
        question.offline = true;
        return check_certificate_file([]() -> RpcClient { throw ConnectionLost("none"); }, question);
    }
    const fs::path folder = fs::temp_directory_path() / ("overbias-certificate-" + new_uuid());
};

TEST_F(PaperCommandTest, a_good_one_is_good_and_says_what_was_not_checked) {
    const auto answer =
        verify({.file = {}, .pdf = folder / "c.pdf", .report = folder / "r.json", .key = "21fe-31df-a154-a261"});
    EXPECT_TRUE(answer.good) << answer.text;
    EXPECT_EQ(answer.json.at("pdf"), "same");
    EXPECT_EQ(answer.json.at("report"), "same");
    EXPECT_TRUE(answer.json.at("own_key").is_null());
    EXPECT_THAT(answer.text, HasSubstr("no daemon was asked"));
}

TEST_F(PaperCommandTest, what_is_cut_changed_or_foreign_is_told_in_words) {
    const std::string whole = file_text(folder / "c.json");
    put("cut.json", whole.substr(0, whole.size() / 2));
    std::string text = whole;
    text.replace(text.find("0.12"), 4, "0.11");
    put("changed.json", text);
    const auto words = [&](const CertificateQuestion& question) {
        const auto answer = verify(question);
        EXPECT_FALSE(answer.good);
        EXPECT_EQ(answer.json.at("good"), false);
        return answer.text;
    };
    EXPECT_THAT(words({.file = "cut.json", .pdf = {}, .report = {}, .key = {}}), HasSubstr("cut off"));
    EXPECT_THAT(words({.file = "changed.json", .pdf = {}, .report = {}, .key = {}}),
                HasSubstr("was changed after it was signed"));
    EXPECT_THAT(words({.file = {}, .pdf = {}, .report = {}, .key = "0000-0000-0000-0000"}), HasSubstr("it is foreign"));
    put("other.pdf", file_text(folder / "c.pdf") + " ");
    EXPECT_THAT(words({.file = {}, .pdf = folder / "other.pdf", .report = {}, .key = {}}),
                HasSubstr("the PDF is not the one"));
    EXPECT_THAT(words({.file = {}, .pdf = {}, .report = folder / "c.json", .key = {}}),
                HasSubstr("the report is not the one"));
    EXPECT_THROW(verify({.file = "none.json", .pdf = {}, .report = {}, .key = {}}), UnusableArgument);
}

TEST_F(PaperCommandTest, labels_and_cue_sheets_need_no_daemon) {
    const auto daemon = []() -> RpcClient { throw ConnectionLost("none"); };
    PaperRequest request{.which = folder / "r.json",
                         .kind = "label_7",
                         .format = "pdf",
                         .width_mm = {},
                         .height_mm = {},
                         .spine_mm = {}};
    EXPECT_THAT(paper_bytes(daemon, request), StartsWith("%PDF-1."));
    request.width_mm = 10.0;
    EXPECT_THROW((void)paper_bytes(daemon, request), UnusableArgument);
    request.kind = "cue_sheet";
    request.format = "text";
    EXPECT_THAT(paper_bytes(daemon, request), HasSubstr("K\xc3\xbchler Morgen"));
    request.kind = "certificate";
    EXPECT_THROW((void)paper_bytes(daemon, request), UnusableArgument);
    request.which = "latest";
    EXPECT_THROW((void)paper_bytes(daemon, request), ConnectionLost);
}

TEST_F(PaperCommandTest, the_name_of_a_file_says_its_form) {
    EXPECT_EQ(format_of_file("/x/a.pdf"), "pdf");
    EXPECT_EQ(format_of_file("a.json"), "json");
    EXPECT_EQ(format_of_file("a.txt"), "text");
    EXPECT_THROW((void)format_of_file("a.doc"), UnusableArgument);
}

} // namespace
} // namespace overbias::controller
