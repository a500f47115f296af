// SPDX-License-Identifier: Apache-2.0
#include "mastering/paper/certificate.hpp"

#include "mastering/paper/certificate_plots.hpp"
#include "mastering/paper/certificate_tables.hpp"

#include "base/json/canonical_json.hpp"
#include "base/json/json_text.hpp"
#include "base/sha256.hpp"
#include "layout_rules.hpp"
#include "paper/pdf.hpp"
#include "paper_examples.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::mastering {
namespace {

namespace json = boost::json;
using examples::files_report;
using examples::text_of;
using examples::two_sided_report;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using State = CertificateCheck::State;

constexpr const char* kSeed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr const char* kOtherSeed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

SigningKey key(const char* seed = kSeed) {
    auto made = SigningKey::of_seed(seed);
    EXPECT_TRUE(made.ok());
    return std::move(*made);
}

Certificate certificate(const json::object& report, const char* seed = kSeed) {
    auto made = make_certificate({.report = text_of(report),
                                  .chain = {4711, std::string(64, 'a')},
                                  .made_utc = "2026-05-03T11:00:00.000Z",
                                  .made_by = "overbiasd 0.1.0",
                                  .notes = {}},
                                 key(seed));
    EXPECT_TRUE(made.ok()) << (made ? "" : made.error().message);
    return made ? *made : Certificate{};
}

paper::Document pages(const Certificate& certificate) {
    const auto document = certificate_document(json::parse(certificate.json).at("certificate"), certificate.sha256);
    EXPECT_TRUE(document.ok());
    return document ? *document : paper::Document{};
}

TEST(CertificateTest, is_intact_and_says_what_was_signed) {
    for (const json::object& report : {files_report(), two_sided_report()}) {
        const Certificate made = certificate(report);
        const CertificateCheck check = check_certificate(made.json);
        EXPECT_EQ(check.state, State::Intact) << check.words;
        EXPECT_EQ(check.sha256, made.sha256);
        EXPECT_EQ(check.public_key, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        EXPECT_EQ(check.fingerprint, "21fe-31df-a154-a261");
        EXPECT_EQ(check.session, "2b0c7c2e-7a5e-4d3c-9a63-52b7a5f0c001");
        EXPECT_EQ(check.report_sha256, sha256_hex(text_of(report)));
        EXPECT_EQ(check.pdf_sha256, sha256_hex(made.pdf));
        EXPECT_EQ(check.chain.seq, 4711);
        EXPECT_EQ(check.chain.hash, std::string(64, 'a'));
    }
}

TEST(CertificateTest, anybody_can_check_the_signature_with_the_documented_form) {
    const Certificate made = certificate(two_sided_report());
    json::object file = json::parse(made.json).as_object();
    const std::string signature = json::value_to<std::string>(file.at("signature"));
    file.erase("signature");
    const auto form = canonical_json(file);
    ASSERT_TRUE(form.ok());
    EXPECT_TRUE(signature_fits(key().public_key(), *form, signature));
    EXPECT_EQ(sha256_hex(*canonical_json(file.at("certificate"))), made.sha256);
}

TEST(CertificateTest, the_same_facts_give_the_same_files) {
    const Certificate once = certificate(two_sided_report()), again = certificate(two_sided_report());
    EXPECT_EQ(once.json, again.json);
    EXPECT_EQ(once.pdf, again.pdf);
    EXPECT_NE(certificate(two_sided_report(), kOtherSeed).json, once.json);
}

/// Calls `changed` for each way to change one thing in `value`, with it changed; then it is as before.
void each_mutation(json::value& value, const std::string& path,
                   const std::function<void(const std::string&)>& changed) {
    const json::value before = value;
    const auto as = [&](const json::value& other) {
        value = other;
        changed(path);
        value = before;
    };
    if (auto* object = value.if_object()) {
        std::vector<std::string> names;
        for (const auto& each : *object) {
            names.emplace_back(std::string_view(each.key()));
        }
        for (const std::string& name : names) {
            each_mutation(value.as_object().at(name), path + "." + name, changed);
            json::object without = before.as_object();
            without.erase(name);
            as(without);
        }
        json::object more = before.as_object();
        more["one_more"] = 1;
        as(more);
    } else if (auto* array = value.if_array()) {
        // of a long list of figures each sixteenth: all of them are in one text that is hashed
        const std::size_t step = array->size() > 64 ? 16 : 1;
        for (std::size_t i = 0; i < array->size(); i += step) {
            each_mutation(value.as_array()[i], path + "[" + std::to_string(i) + "]", changed);
        }
        json::array longer = before.as_array();
        longer.push_back(nullptr);
        as(longer);
    } else if (value.is_string()) {
        std::string text = json::value_to<std::string>(value);
        as(json::string(text + "x"));
        if (!text.empty()) {
            text.front() = text.front() == '0' ? '1' : '0';
            as(json::string(text));
        }
    } else if (value.is_bool()) {
        as(!value.as_bool());
    } else if (value.is_null()) {
        as(0);
    } else {
        as(value.to_number<double>() + 0.01);
    }
}

TEST(CertificateTest, a_change_of_any_field_is_seen) {
    const Certificate made = certificate(files_report());
    json::value file = json::parse(made.json);
    std::size_t count = 0;
    each_mutation(file, "", [&](const std::string& path) {
        ++count;
        const CertificateCheck check = check_certificate(json_indented(file) + "\n");
        EXPECT_FALSE(check.intact()) << path;
        EXPECT_NE(check.state, State::LaidOutAnew) << path;
        EXPECT_THAT(check.words, Not(IsEmpty())) << path;
    });
    EXPECT_GT(count, 200U);
    EXPECT_TRUE(check_certificate(json_indented(file) + "\n").intact());
}

TEST(CertificateTest, a_change_of_any_byte_is_seen) {
    const Certificate made = certificate(files_report());
    std::string text = made.json;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char before = text[i];
        text[i] = static_cast<char>(before ^ 1);
        ASSERT_FALSE(check_certificate(text).intact())
            << "byte " << i << " of " << text.substr(i < 20 ? 0 : i - 20, 40);
        text[i] = before;
    }
}

TEST(CertificateTest, what_is_cut_off_is_told) {
    const std::string text = certificate(files_report()).json;
    for (std::size_t length = 1; length + 2 < text.size(); length += 97) {
        const CertificateCheck check = check_certificate(text.substr(0, length));
        EXPECT_EQ(check.state, State::CutOff) << length;
        EXPECT_THAT(check.words, HasSubstr("cut off"));
    }
    EXPECT_FALSE(check_certificate(text.substr(0, text.size() - 1)).intact()); // the newline at its end
}

TEST(CertificateTest, what_is_none_is_told) {
    for (const char* text :
         {"", " ", "%PDF-1.3", "[]", "{}", "{\"certificate\":{}}", "{\"certificate\":{\"kind\":1}}"}) {
        EXPECT_FALSE(check_certificate(text).intact()) << text;
    }
    EXPECT_EQ(check_certificate("%PDF-1.3").state, State::NotOne);
    EXPECT_THAT(check_certificate("{}").words, HasSubstr("no certificate"));
    EXPECT_EQ(check_certificate(certificate(files_report()).json + "{}").state, State::NotOne);
}

TEST(CertificateTest, another_layout_or_a_hidden_member_is_told) {
    const std::string text = certificate(files_report()).json;
    EXPECT_EQ(check_certificate(json_line(json::parse(text))).state, State::LaidOutAnew);
    std::string twice = text; // the parser keeps the last one: a reader that keeps the first would see another verdict
    twice.insert(twice.find("\"verdict\""), "\"verdict\": \"fail\",\n    ");
    EXPECT_EQ(check_certificate(twice).state, State::LaidOutAnew);
}

TEST(CertificateTest, a_signature_with_another_key_is_told) {
    json::value file = json::parse(certificate(files_report()).json);
    const json::value other = json::parse(certificate(files_report(), kOtherSeed).json);
    json::value mixed = file;
    mixed.as_object()["signature"] = other.at("signature");
    EXPECT_EQ(check_certificate(json_indented(mixed) + "\n").state, State::Changed);
    EXPECT_NE(check_certificate(json_indented(other) + "\n").fingerprint,
              check_certificate(json_indented(file) + "\n").fingerprint);
}

TEST(CertificateTest, says_what_could_not_be_judged_and_why) {
    const json::value body = json::parse(certificate(two_sided_report()).json).at("certificate");
    std::string all;
    for (const json::value& each : body.at("not_judged").as_array()) {
        all += json_line(each) + "\n";
    }
    EXPECT_THAT(all, HasSubstr("\"track\":4,\"figure\":\"azimuth\",\"reason\":\"mono\""));
    EXPECT_THAT(all, HasSubstr("drop-outs: judged in 87 % of the time"));
    EXPECT_THAT(all, HasSubstr("nothing from 1:00.000 to 1:15.000 of the programme: no band could be judged"));
    EXPECT_THAT(all, HasSubstr("tape speed: the head delay at calibrated speed is not known"));
    EXPECT_THAT(all, HasSubstr("not enough signal at 50, 63 Hz"));
    EXPECT_THAT(all, Not(HasSubstr("\"figure\":\"off_tape\"")));
}

TEST(CertificateTest, a_side_that_was_not_proven_off_tape_is_not_judged) {
    json::object report = two_sided_report();
    report["sides"].as_array()[1].as_object()["off_tape"] = json::object{{"proven", false}, {"text", "no delay"}};
    const json::value body = json::parse(certificate(report).json).at("certificate");
    EXPECT_THAT(json_line(body.at("not_judged").as_array()[0]), HasSubstr("\"not_off_tape\""));
}

TEST(CertificateTest, what_was_not_printed_and_every_run_are_told) {
    json::object report = two_sided_report();
    report["complete"] = false;
    report["tracks"].as_array().pop_back();
    report["sides"].as_array()[0].as_object()["runs"] =
        json::array{json::object{{"first_track", 1},
                                 {"begun_utc", "2026-05-03T09:00:00.000Z"},
                                 {"ended", "the operator stopped it"},
                                 {"off_tape", json::object{{"proven", true}, {"text", "first proof"}}}},
                    json::object{{"first_track", 4},
                                 {"begun_utc", "2026-05-03T09:30:00.000Z"},
                                 {"ended", "complete"},
                                 {"off_tape", json::object{{"proven", false}, {"text", "second proof"}}}}};
    const Certificate made = certificate(report);
    const json::value body = json::parse(made.json).at("certificate");
    EXPECT_THAT(json_line(body.at("not_judged").as_array()[0]), HasSubstr("9 of 10 tracks were printed"));
    EXPECT_THAT(json_line(body.at("not_judged").as_array()[1]), HasSubstr("side A: of the run from track 4 on"));
    const auto texts = paper::texts_in(pages(made));
    EXPECT_THAT(texts, Contains(HasSubstr("NOT COMPLETE")));
    EXPECT_THAT(texts,
                Contains(HasSubstr("Run from track 4, 2026-05-03 09:30 UTC, ended: complete. NOT proven. second")));
}

TEST(CertificatePagesTest, nothing_lies_outside_or_over_another) {
    for (const json::object& report : {files_report(), two_sided_report()}) {
        EXPECT_THAT(paper::broken_rules(pages(certificate(report)), 8.0), IsEmpty());
    }
}

TEST(CertificatePagesTest, carry_hash_fingerprint_and_chain) {
    const Certificate made = certificate(two_sided_report());
    const auto texts = paper::texts_in(pages(made));
    EXPECT_THAT(texts, Contains(made.sha256));
    EXPECT_THAT(texts, Contains("21fe-31df-a154-a261"));
    EXPECT_THAT(texts, Contains(std::string(64, 'a')));
    EXPECT_THAT(texts, Contains("Logbook, event 4711"));
    EXPECT_THAT(texts, Contains("FAIL"));
    EXPECT_THAT(texts, Contains("Third octaves, tape - sent"));
    EXPECT_THAT(texts, Contains("Transfer function"));
    EXPECT_THAT(texts, Contains("Compression by level sent"));
    EXPECT_THAT(texts, Contains("Level over time, tape - sent"));
    EXPECT_THAT(texts, Contains("Delay over time"));
    EXPECT_THAT(texts, Contains(HasSubstr("Overridden by E. Engineer: alignment: the deck was aligned 63 days ago")));
    EXPECT_THAT(texts, Contains(HasSubstr("dropout: drop-out of 21.0 ms")));
}

TEST(CertificatePagesTest, have_the_figures_of_the_alignment) {
    AlignmentUsed used{.uuid = "9c2d",
                       .procedure = "record",
                       .ended_at = "2026-03-01T09:00:00.000Z",
                       .operators = "E. E.",
                       .values = {}};
    used.values = {{"record.level", 1, 0.03, "dB", 0.0, 0.1}, {"record.level", 2, -0.14, "dB", 0.0, 0.1}};
    for (int i = 0; i < 300; ++i) {
        used.values.push_back({"record.response." + std::to_string(i), 1, 0.1, "dB", 0.0, 0.5});
    }
    const auto made = make_certificate({.report = text_of(two_sided_report()),
                                        .chain = {1, std::string(64, 'a')},
                                        .made_utc = "2026-05-03T11:00:00.000Z",
                                        .made_by = "test",
                                        .notes = {},
                                        .alignment = used},
                                       key());
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_TRUE(check_certificate(made->json).intact());
    EXPECT_EQ(json::parse(made->json).at("certificate").at("alignment").at("values").as_array().size(), 302U);
    const auto document = pages(*made);
    EXPECT_THAT(paper::broken_rules(document, 8.0), IsEmpty());
    std::string all;
    for (const std::string& each : paper::texts_in(document)) {
        all += each + " ";
    }
    EXPECT_THAT(all, HasSubstr("record level 0.03 / -0.14 dB (0 +-0.1)"));
    EXPECT_THAT(all, HasSubstr("277 more in the JSON file")); // of 301 steps 24 are told
}

TEST(CertificatePagesTest, of_files_have_blanks_for_what_nobody_knows) {
    const auto document = pages(certificate(files_report()));
    EXPECT_EQ(document.pages.size(), 2U);
    const auto texts = paper::texts_in(document);
    EXPECT_THAT(texts, Contains("PASS"));
    EXPECT_THAT(texts, Contains("K\xc3\xbchler Morgen"));
    EXPECT_THAT(texts, Contains("The report names no alignment of the deck."));
    EXPECT_THAT(texts, Contains("Batch"));
}

TEST(CertificatePagesTest, many_tracks_and_findings_go_on_on_more_pages) {
    json::object report = two_sided_report();
    json::array& tracks = report["tracks"].as_array();
    const json::array ten = tracks;
    for (int i = 0; i < 5; ++i) {
        tracks.insert(tracks.end(), ten.begin(), ten.end());
    }
    EXPECT_THAT(paper::broken_rules(pages(certificate(report)), 8.0), IsEmpty());
}

TEST(CertificateFiguresTest, what_only_loud_passages_have_is_no_response) {
    PaperTrack track;
    track.third_octave_hz = {1000.0, 8000.0, 10000.0};
    track.third_octave_db[0] = {0.1, -0.3, -2.5};
    track.third_octave_db[1] = {0.0, std::nullopt, 0.2};
    EXPECT_EQ(worst_third_octave(track), -2.5) << "an older report does not say which";
    EXPECT_EQ(track_plots(PrintFacts{}, track).at(0).curves.size(), 2U);
    track.third_octave_hot[0] = {false, false, true};
    EXPECT_EQ(worst_third_octave(track), -0.3);
    const auto curves = track_plots(PrintFacts{}, track).at(0).curves;
    ASSERT_EQ(curves.size(), 3U);
    EXPECT_TRUE(std::isnan(curves[0].points.at(2).second));
    EXPECT_EQ(curves[0].points.at(1).second, -0.3);
    EXPECT_EQ(curves[1].points.at(2).second, 0.2);
    EXPECT_EQ(curves[2].shape, paper::PointShape::Cross);
    EXPECT_EQ(curves[2].points.at(0), std::pair(10000.0, -2.5));
    track.third_octave_hot = {std::vector{true, true, true}, std::vector{true, true, true}};
    EXPECT_EQ(worst_third_octave(track), -2.5) << "there are no others";
}

TEST(CertificateReportTest, what_is_no_report_is_told) {
    const auto message = [](const std::string& report) {
        const auto made =
            make_certificate({.report = report, .chain = {}, .made_utc = {}, .made_by = {}, .notes = {}}, key());
        return made ? std::string("made") : made.error().message;
    };
    EXPECT_THAT(message("not JSON"), HasSubstr("JSON"));
    EXPECT_THAT(message("[]"), HasSubstr("report of a print"));
    EXPECT_THAT(message("{\"report\":\"overbias print\",\"report_version\":3}"), HasSubstr("version 1 or 2"));
    json::object half = files_report();
    half.erase("tracks");
    EXPECT_THAT(message(text_of(half)), HasSubstr("not whole"));
}

/// Fields that come and go between versions: without any one of them the papers are still made.
TEST(CertificateReportTest, every_field_may_be_missing) {
    for (json::object whole : {files_report(), two_sided_report()}) {
        whole["tracks"].as_array().resize(1);
        for (const auto& each : whole) {
            if (each.key() == "report" || each.key() == "report_version" || each.key() == "verdict" ||
                each.key() == "tracks") {
                continue;
            }
            json::object report = whole;
            report.erase(each.key());
            EXPECT_TRUE(check_certificate(certificate(report).json).intact()) << each.key();
        }
        for (const auto& each : whole.at("tracks").as_array()[0].as_object()) {
            json::object report = whole;
            report["tracks"].as_array()[0].as_object().erase(each.key());
            EXPECT_TRUE(check_certificate(certificate(report).json).intact()) << each.key();
        }
    }
}

} // namespace
} // namespace overbias::mastering
