// SPDX-License-Identifier: Apache-2.0
// How often a thread allocates. A test program that links overbias_allocation_count has every operator new replaced by
// one that counts; what C code takes with malloc is not seen.
#pragma once

#include <cstddef>

namespace overbias::test_support {

/// Counts the calls of operator new, of every form, made by the thread that it lives on, from its construction on.
class AllocationCount {
  public:
    AllocationCount() noexcept;
    [[nodiscard]] std::size_t so_far() const noexcept;

    /// Whether a plain, an array and an aligned allocation are each seen: a count of zero says nothing without it.
    [[nodiscard]] static bool works();

  private:
    std::size_t at_start_;
};

} // namespace overbias::test_support
