// SPDX-License-Identifier: Apache-2.0
// The PDF library behind an owner. Private to paper/; only what needs its types includes this.
#pragma once

#include "paper/drawing.hpp"

#include <cstddef>
#include <hpdf.h>
#include <memory>
#include <type_traits>

namespace overbias::paper {

struct HaruFree {
    void operator()(HPDF_Doc document) const noexcept { HPDF_Free(document); }
};
/// Without an error handler: what went wrong is asked for at the end, by HPDF_GetError.
using HaruDocument = std::unique_ptr<std::remove_pointer_t<HPDF_Doc>, HaruFree>;

[[nodiscard]] inline HaruDocument new_haru_document() {
    return HaruDocument(HPDF_New(nullptr, nullptr));
}

/// Helvetica in one of kEncodings; null when the library fails.
[[nodiscard]] HPDF_Font haru_font(HPDF_Doc document, Face face, std::size_t encoding);

} // namespace overbias::paper
