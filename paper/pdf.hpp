// SPDX-License-Identifier: Apache-2.0
// Sheets of paper as a PDF file. Any thread.
#pragma once

#include "base/result.hpp"
#include "paper/drawing.hpp"

#include <string>

namespace overbias::paper {

struct PdfOptions {
    bool compressed = true; ///< false: what stands on a page can be read in the file
};

/// The bytes of the file; the same document gives the same bytes. An Error when there is no page, a page has a size
/// PDF does not know (below 1 mm, above 5080 mm), a mark is no finite number, or the library fails.
[[nodiscard]] Result<std::string> pdf_bytes(const Document& document, const PdfOptions& options = {});

} // namespace overbias::paper
