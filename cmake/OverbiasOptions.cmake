# Flags every target gets.
add_library(overbias_options INTERFACE)
target_compile_options(overbias_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -fno-math-errno)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # what g++'s optimiser guesses about std::string, std::vector and std::optional: false alarms that differ from version to
  # version (12: GCC bugs 105329, 105562, 105651; 14: on vector::insert)
  target_compile_options(overbias_options INTERFACE
    -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized)
endif()
if(OVERBIAS_WERROR)
  target_compile_options(overbias_options INTERFACE -Werror)
endif()
if(OVERBIAS_SANITIZE)
  if(OVERBIAS_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(overbias_options INTERFACE -Wno-tsan) # Asio's fences, which TSan does not model
  endif()
  target_compile_options(overbias_options INTERFACE -fsanitize=${OVERBIAS_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(overbias_options INTERFACE -fsanitize=${OVERBIAS_SANITIZE})
  target_compile_definitions(overbias_options INTERFACE OVERBIAS_SANITIZED=1)
endif()
find_package(Threads REQUIRED)
target_link_libraries(overbias_options INTERFACE Threads::Threads)
