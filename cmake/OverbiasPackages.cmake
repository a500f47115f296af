# Every outside library, once. Debian 12 and 13 carry all of them; scripts/install-packages names the packages.
# Boost 1.81 is the floor: Asio of Debian 12's default 1.74 does not compile in C++20 mode with g++ 12.
find_package(Boost 1.81 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SNDFILE REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(SOXR REQUIRED IMPORTED_TARGET soxr)
pkg_check_modules(FLAC REQUIRED IMPORTED_TARGET flac) # to browsers: audio/listening
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp) # the decoder's filter: audio/decoder
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(KISSFFT REQUIRED IMPORTED_TARGET kissfft-float)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy) # SIMD with run-time dispatch: dsp/meters
pkg_check_modules(ALSA REQUIRED IMPORTED_TARGET alsa)
pkg_check_modules(GPIOD REQUIRED IMPORTED_TARGET libgpiod) # 1.6 (Debian 12) or 2 (Debian 13): transport/io/gpiod*
find_package(Threads REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
# libharu (PDF: paper/) comes without a pkg-config file on Debian 12
find_path(HARU_INCLUDE_DIR hpdf.h REQUIRED)
find_library(HARU_LIBRARY hpdf REQUIRED)
add_library(libharu INTERFACE)
target_include_directories(libharu SYSTEM INTERFACE ${HARU_INCLUDE_DIR})
target_link_libraries(libharu INTERFACE ${HARU_LIBRARY})
