// SPDX-License-Identifier: Apache-2.0
#include "paper/pdf.hpp"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace overbias::paper {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr Lettering kLettering{.size_pt = 10.0};

Document two_pages() {
    Document document;
    document.metadata = {.title = "Title of J\xc3\xbcrgen",
                         .subject = "Subject",
                         .author = "",
                         .date = std::chrono::sys_days(std::chrono::year(2024) / 5 / 3) + std::chrono::hours(10)};
    document.pages.emplace_back(kA4);
    document.pages.back().text({20.0, 20.0}, "First page (with brackets)", kLettering);
    document.pages.back().line({20.0, 25.0}, {100.0, 25.0}, {.width_mm = 0.3, .dash_mm = 1.0});
    document.pages.back().area(Box{20.0, 30.0, 50.0, 10.0}, 0.8);
    document.pages.emplace_back(Size{100.0, 30.0});
    document.pages.back().text({10.0, 20.0}, "Second", kLettering);
    return document;
}

std::string plain(const Document& document) {
    const auto bytes = pdf_bytes(document, {.compressed = false});
    EXPECT_TRUE(bytes.ok()) << (bytes ? "" : bytes.error().message);
    return bytes ? *bytes : std::string();
}

TEST(PdfTest, is_a_pdf_with_the_pages_and_what_stands_on_them) {
    const std::string bytes = plain(two_pages());
    EXPECT_THAT(bytes, StartsWith("%PDF-1."));
    EXPECT_THAT(bytes.substr(bytes.size() - 8), HasSubstr("%%EOF"));
    EXPECT_THAT(bytes, HasSubstr("/Count 2"));
    EXPECT_THAT(bytes, HasSubstr("First page \\050with brackets\\051"));
    EXPECT_THAT(bytes, HasSubstr("Second"));
    EXPECT_THAT(bytes, HasSubstr("/Helvetica"));
}

/// The four numbers after "/MediaBox [", of each page in turn.
std::vector<double> media_boxes(const std::string& bytes) {
    std::vector<double> all;
    for (std::size_t at = bytes.find("/MediaBox"); at != std::string::npos; at = bytes.find("/MediaBox", at + 1)) {
        const char* next = bytes.c_str() + bytes.find('[', at) + 1;
        for (int i = 0; i < 4; ++i) {
            char* end = nullptr;
            all.push_back(std::strtod(next, &end));
            next = end;
        }
    }
    return all;
}

TEST(PdfTest, pages_have_their_own_size_in_points) {
    const auto boxes = media_boxes(plain(two_pages()));
    ASSERT_EQ(boxes.size(), 8U);
    EXPECT_NEAR(boxes[2], 595.28, 0.01); // ISO A4: 210 mm at 72 to the inch
    EXPECT_NEAR(boxes[3], 841.89, 0.01);
    EXPECT_NEAR(boxes[6], 283.46, 0.01);
    EXPECT_NEAR(boxes[7], 85.04, 0.01);
}

TEST(PdfTest, y_is_counted_from_the_top_of_the_paper) {
    // 20 mm from the left and 20 mm below the upper edge of A4: 56.69, 841.89 - 56.69
    EXPECT_THAT(plain(two_pages()), HasSubstr("56.69"));
    EXPECT_THAT(plain(two_pages()), HasSubstr("785.19"));
}

TEST(PdfTest, the_same_document_gives_the_same_bytes) {
    for (const bool compressed : {false, true}) {
        const auto once = pdf_bytes(two_pages(), {.compressed = compressed});
        const auto again = pdf_bytes(two_pages(), {.compressed = compressed});
        ASSERT_TRUE(once.ok() && again.ok());
        EXPECT_EQ(*once, *again);
        EXPECT_THAT(*once, HasSubstr("20240503100000"));
    }
    Document later = two_pages();
    later.metadata.date += std::chrono::seconds(1);
    EXPECT_NE(plain(later), plain(two_pages()));
}

TEST(PdfTest, the_title_is_read_whatever_its_letters) {
    // Latin-1 and UTF-16BE are the forms a reader knows (PDF 32000-1, 7.9.2)
    EXPECT_THAT(plain(two_pages()), testing::AnyOf(HasSubstr(std::string("J\0\xfc\0r", 5)), HasSubstr("004A00FC0072")));
}

TEST(PdfTest, letters_of_several_languages_in_one_line) {
    Document document = two_pages();
    document.pages.front().text({20.0, 50.0}, "J\xc3\xbcrgen, \xc5\x81ukasz, \xc4\xb0smail, \xd0\x96", kLettering);
    const std::string bytes = plain(document);
    EXPECT_THAT(bytes, HasSubstr("/Lslash"));     // cp1250 as differences
    EXPECT_THAT(bytes, HasSubstr("/Idotaccent")); // cp1254
}

TEST(PdfTest, compressed_is_smaller) {
    Document document = two_pages();
    for (int i = 0; i < 200; ++i) {
        document.pages.front().text({20.0, 50.0 + i}, "the same line over and over", kLettering);
    }
    const auto small = pdf_bytes(document);
    ASSERT_TRUE(small.ok());
    EXPECT_LT(small->size(), plain(document).size() / 2);
    EXPECT_THAT(*small, Not(HasSubstr("the same line")));
}

TEST(PdfTest, says_what_cannot_be_written) {
    const auto message = [](const Document& document) {
        const auto bytes = pdf_bytes(document);
        return bytes ? std::string("none") : bytes.error().message;
    };
    EXPECT_THAT(message({}), HasSubstr("at least one page"));
    Document huge = two_pages();
    huge.pages.emplace_back(Size{100.0, 6000.0});
    EXPECT_THAT(message(huge), HasSubstr("5080 mm"));
    Document nothing = two_pages();
    nothing.pages.emplace_back(Size{0.0, 10.0});
    EXPECT_THAT(message(nothing), HasSubstr("5080 mm"));
    const double bad = std::numeric_limits<double>::quiet_NaN();
    Document nowhere = two_pages();
    nowhere.pages.front().line({bad, 10.0}, {10.0, 10.0});
    EXPECT_THAT(message(nowhere), HasSubstr("finite place"));
    Document unplaced = two_pages();
    unplaced.pages.front().text({10.0, bad}, "text", kLettering);
    EXPECT_THAT(message(unplaced), HasSubstr("finite place"));
}

} // namespace
} // namespace overbias::paper
