// SPDX-License-Identifier: Apache-2.0
#include "paper/pdf.hpp"

#include "paper/encoded_text.hpp"
#include "paper/haru.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <type_traits>
#include <variant>
#include <vector>

namespace overbias::paper {

namespace {

// what PDF 1.3 allows: 3 to 14400 points
constexpr double kSmallest_mm = 1.06, kLargest_mm = 5080.0;

float points(double mm) {
    return static_cast<float>(mm / kMillimetresPerPoint);
}

bool finite(const Point& point) {
    return std::isfinite(point.x_mm) && std::isfinite(point.y_mm);
}

bool finite(const std::vector<Point>& all) {
    for (const Point& each : all) {
        if (!finite(each)) {
            return false;
        }
    }
    return true;
}

/// Draws marks on one page of the library's.
class Painter {
  public:
    Painter(HPDF_Doc document, HPDF_Page page, double height_mm)
        : document_(document), page_(page), height_mm_(height_mm) {}

    /// False: it has no place on a page.
    bool operator()(const Text& mark) const {
        if (!finite(mark.at) || !(mark.lettering.size_pt > 0.0)) {
            return false;
        }
        const auto grey = static_cast<float>(mark.lettering.grey);
        HPDF_Page_SetGrayFill(page_, grey);
        HPDF_Page_BeginText(page_);
        HPDF_Page_MoveTextPos(page_, points(mark.at.x_mm), points(height_mm_ - mark.at.y_mm));
        for (const EncodedRun& run : encoded(mark.text)) {
            HPDF_Page_SetFontAndSize(page_, haru_font(document_, mark.lettering.face, run.encoding),
                                     static_cast<float>(mark.lettering.size_pt));
            HPDF_Page_ShowText(page_, run.bytes.c_str());
        }
        HPDF_Page_EndText(page_);
        return true;
    }
    bool operator()(const Stroke& mark) const {
        if (!finite(mark.points)) {
            return false;
        }
        if (mark.points.size() < 2) {
            return true;
        }
        HPDF_Page_SetGrayStroke(page_, static_cast<float>(mark.pen.grey));
        HPDF_Page_SetLineWidth(page_, points(mark.pen.width_mm));
        set_dash(mark.pen.dash_mm);
        path(mark.points);
        if (mark.closed) {
            HPDF_Page_ClosePathStroke(page_);
        } else {
            HPDF_Page_Stroke(page_);
        }
        return true;
    }
    bool operator()(const Area& mark) const {
        if (!finite(mark.outline)) {
            return false;
        }
        if (mark.outline.size() < 3) {
            return true;
        }
        HPDF_Page_SetGrayFill(page_, static_cast<float>(mark.grey));
        path(mark.outline);
        HPDF_Page_ClosePath(page_);
        HPDF_Page_Fill(page_);
        return true;
    }

  private:
    void path(const std::vector<Point>& all) const {
        HPDF_Page_MoveTo(page_, points(all.front().x_mm), points(height_mm_ - all.front().y_mm));
        for (std::size_t i = 1; i < all.size(); ++i) {
            HPDF_Page_LineTo(page_, points(all[i].x_mm), points(height_mm_ - all[i].y_mm));
        }
    }
    void set_dash(double dash_mm) const {
        // the type of a dash's length differs between releases of the library: whole points suit both
        using Length = std::remove_extent_t<decltype(HPDF_DashMode::ptn)>;
        const auto length = static_cast<Length>(std::max(1L, std::lround(dash_mm / kMillimetresPerPoint)));
        const std::array<Length, 2> pattern{length, length};
        HPDF_Page_SetDash(page_, dash_mm > 0.0 ? pattern.data() : nullptr, dash_mm > 0.0 ? 2 : 0, 0);
    }
    HPDF_Doc document_;
    HPDF_Page page_;
    double height_mm_;
};

void set_metadata(HPDF_Doc document, const Metadata& metadata) {
    HPDF_UseUTFEncodings(document);
    HPDF_SetCurrentEncoder(document, "UTF-8");
    const auto set = [document](HPDF_InfoType type, const std::string& value) {
        if (!value.empty()) {
            HPDF_SetInfoAttr(document, type, utf8(code_points(value)).c_str());
        }
    };
    set(HPDF_INFO_TITLE, metadata.title);
    set(HPDF_INFO_SUBJECT, metadata.subject);
    set(HPDF_INFO_AUTHOR, metadata.author);
    set(HPDF_INFO_CREATOR, "Overbias");
    using namespace std::chrono;
    const auto day = floor<days>(metadata.date);
    const year_month_day date(day);
    const hh_mm_ss time(metadata.date - day);
    HPDF_Date when{};
    when.year = static_cast<int>(date.year());
    when.month = static_cast<int>(static_cast<unsigned>(date.month()));
    when.day = static_cast<int>(static_cast<unsigned>(date.day()));
    when.hour = static_cast<int>(time.hours().count());
    when.minutes = static_cast<int>(time.minutes().count());
    when.seconds = static_cast<int>(time.seconds().count());
    when.ind = 'Z';
    HPDF_SetInfoDateAttr(document, HPDF_INFO_CREATION_DATE, when);
    HPDF_SetInfoDateAttr(document, HPDF_INFO_MOD_DATE, when);
}

Result<std::string> written(HPDF_Doc document) {
    HPDF_SaveToStream(document);
    if (const auto failure = HPDF_GetError(document); failure != HPDF_OK) {
        char code[24];
        std::snprintf(code, sizeof code, "0x%04lx", static_cast<unsigned long>(failure));
        return Error{std::string("PDF: the library failed with its error ") + code +
                     "; most likely memory is short: close something and try again"};
    }
    std::string bytes(HPDF_GetStreamSize(document), '\0');
    auto size = static_cast<HPDF_UINT32>(bytes.size());
    HPDF_ResetStream(document);
    HPDF_ReadFromStream(document, reinterpret_cast<HPDF_BYTE*>(bytes.data()), &size);
    bytes.resize(size);
    return bytes;
}

} // namespace

Result<std::string> pdf_bytes(const Document& document, const PdfOptions& options) {
    if (document.pages.empty()) {
        return Error{"PDF: expected at least one page, got none"};
    }
    const HaruDocument made = new_haru_document();
    if (made == nullptr) {
        return Error{"PDF: there is not enough memory; close something and try again"};
    }
    HPDF_SetCompressionMode(made.get(), options.compressed ? HPDF_COMP_ALL : HPDF_COMP_NONE);
    set_metadata(made.get(), document.metadata);
    for (const Page& page : document.pages) {
        const auto [width, height] = page.size();
        if (!(width >= kSmallest_mm && width <= kLargest_mm && height >= kSmallest_mm && height <= kLargest_mm)) {
            return Error{"PDF: expected a page of 1.06 to 5080 mm, got " + std::to_string(width) + " by " +
                         std::to_string(height) + " mm"};
        }
        HPDF_Page its = HPDF_AddPage(made.get());
        HPDF_Page_SetWidth(its, points(width));
        HPDF_Page_SetHeight(its, points(height));
        const Painter painter(made.get(), its, height);
        for (const Mark& mark : page.marks()) {
            if (!std::visit(painter, mark)) {
                return Error{"PDF: expected a mark at a finite place, got one that has none"};
            }
        }
    }
    return written(made.get());
}

} // namespace overbias::paper
