// SPDX-License-Identifier: Apache-2.0
#include "paper/encoded_text.hpp"
#include "paper/lettering.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::paper {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr Lettering kThousand{.size_pt = 1000.0 / kMillimetresPerPoint}; // widths in thousandths of the size, as in AFM

TEST(LetteringTest, widths_are_those_of_adobe_s_helvetica) {
    // Helvetica.afm: A 667, i 222, space 278; Helvetica-Bold.afm: A 722, i 278
    EXPECT_NEAR(text_width_mm("A", kThousand), 667.0, 0.5);
    EXPECT_NEAR(text_width_mm("i i", kThousand), 222.0 + 278.0 + 222.0, 0.5);
    Lettering bold = kThousand;
    bold.face = Face::Bold;
    EXPECT_NEAR(text_width_mm("Ai", bold), 722.0 + 278.0, 0.5);
    // Helvetica.afm: udieresis 556, plusminus 584, Lslash 556, ccaron 500, gbreve 556
    EXPECT_NEAR(text_width_mm("\xc3\xbc\xc2\xb1", kThousand), 556.0 + 584.0, 0.5);
    EXPECT_NEAR(text_width_mm("\xc5\x81\xc4\x8d\xc4\x9f", kThousand), 556.0 + 500.0 + 556.0, 0.5);
}

TEST(LetteringTest, latin_letters_of_many_languages_are_there) {
    // German, French, Polish, Czech, Hungarian, Turkish, Latvian: none is shown as unknown
    for (const char* name : {"J\xc3\xbcrgen Gro\xc3\x9f",
                             "Fran\xc3\xa7"
                             "oise \xc5\x92uvre",
                             "\xc5\x81ukasz", "Ji\xc5\x99\xc3\xad", "Gy\xc5\x91z\xc5\x91",
                             "\xc4\xb0"
                             "brahim \xc5\x9e\xc4\xb1k",
                             "J\xc4\x81nis", "\xe2\x82\xac 5"}) {
        for (const EncodedRun& run : encoded(name)) {
            EXPECT_EQ(run.bytes.find('\xbf'), std::string::npos) << name;
            EXPECT_EQ(run.bytes.find('?'), std::string::npos) << name;
        }
    }
    EXPECT_EQ(encoded("J\xc3\xbcrgen").front().bytes, "J\xfcrgen"); // cp1252
    const auto mixed = encoded("\xc5\x81 \xc3\xa5");                // no single one has both
    ASSERT_THAT(mixed, SizeIs(2));
    EXPECT_EQ(mixed[0].bytes, "\xa3 "); // cp1250
    EXPECT_EQ(mixed[1].bytes, "\xe5");  // cp1252
}

TEST(LetteringTest, what_cannot_be_shown_is_seen_to_be_missing) {
    const auto all = [](std::string_view text) {
        std::string bytes;
        for (const EncodedRun& run : encoded(text)) {
            bytes += run.bytes;
        }
        return bytes;
    };
    EXPECT_EQ(all("a\xd0\x96z"), "a\xbfz");         // Cyrillic
    EXPECT_EQ(all("a\xf0\x9f\x8e\x9bz"), "a\xbfz"); // one character of four bytes
    EXPECT_EQ(all("a\nb\tc\x7f"), "a\xbf"
                                  "b\xbf"
                                  "c\xbf");         // control characters
    EXPECT_EQ(all("a\xff\xfez"), "a\xbf\xbfz");     // no UTF-8
    EXPECT_EQ(all("a\xc3"), "a\xbf");               // cut off
    EXPECT_EQ(all("\xc0\xaf"), "\xbf\xbf");         // too long a form
    EXPECT_EQ(all("\xed\xa0\x80"), "\xbf\xbf\xbf"); // half of a surrogate pair
    EXPECT_EQ(all(std::string_view("a\0b", 3)), "a\xbf"
                                                "b");
}

TEST(LetteringTest, what_is_too_wide_ends_in_dots_and_fits) {
    const Lettering lettering{.size_pt = 10.0};
    EXPECT_EQ(fitted("short", lettering, 50.0), "short");
    const std::string cut =
        fitted("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", lettering, 12.0);
    EXPECT_THAT(cut, HasSubstr("..."));
    EXPECT_LE(text_width_mm(cut, lettering), 12.0);
    EXPECT_EQ(cut.find('\xbf'), std::string::npos); // not cut within a character
    EXPECT_EQ(fitted("anything", lettering, 0.5), "");
}

TEST(LetteringTest, lines_break_at_blanks) {
    const Lettering lettering{.size_pt = 10.0};
    const double width = text_width_mm("one two", lettering) + 0.1;
    EXPECT_THAT(wrapped("one two three  four", lettering, width), ElementsAre("one two", "three", "four"));
    for (const std::string& line : wrapped("a word that-is-far-too-long-for-it and more", lettering, width)) {
        EXPECT_LE(text_width_mm(line, lettering), width);
    }
    EXPECT_THAT(wrapped("", lettering, width), SizeIs(0));
    // a word that is wider goes on on the next line, whole
    std::string all;
    for (const std::string& line : wrapped(std::string(50, 'n'), lettering, width)) {
        EXPECT_LE(text_width_mm(line, lettering), width);
        all += line;
    }
    EXPECT_EQ(all, std::string(50, 'n'));
    EXPECT_THAT(wrapped("one two three four", lettering, width, 3), ElementsAre("one two", "three", "four"));
    const auto two = wrapped("one two three four", lettering, width, 2);
    ASSERT_THAT(two, SizeIs(2));
    EXPECT_EQ(two.front(), "one two");
    EXPECT_TRUE(two.back().starts_with("three") && two.back().ends_with("...")) << two.back();
    EXPECT_LE(text_width_mm(two.back(), lettering), width);
}

} // namespace
} // namespace overbias::paper
