# overbias_embed_files(TARGET FOLDER dir FUNCTION name)
#   builds every file below FOLDER into TARGET as bytes, with its content type and ETag, as the table that
#   web-ui/server/panel_files.hpp declares (`std::span<const EmbeddedFile> name()`). Files that change, come or go are taken up by
#   the next build. The same file is the script that writes the table: cmake -DFOLDER= -DOUTPUT= -DFUNCTION= -P EmbedFiles.cmake
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(OVERBIAS_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
  function(overbias_embed_files target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER;FUNCTION" "")
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${arg_FOLDER}/*)
    if(NOT files)
      message(FATAL_ERROR "${arg_FOLDER} has no files to build in; build the panel (web-ui/panel) or take its dist from the repository")
    endif()
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${arg_FUNCTION}.cpp)
    add_custom_command(OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -DFOLDER=${arg_FOLDER} -DOUTPUT=${output} -DFUNCTION=${arg_FUNCTION} -P ${OVERBIAS_EMBED_SCRIPT}
      DEPENDS ${files} ${OVERBIAS_EMBED_SCRIPT} VERBATIM COMMENT "Building in ${arg_FOLDER}")
    target_sources(${target} PRIVATE ${output})
  endfunction()
  return()
endif()

set(type_html "text/html; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_json "application/json")
set(type_webmanifest "application/manifest+json")
set(type_svg "image/svg+xml")
set(type_png "image/png")
set(type_ico "image/x-icon")
set(type_woff2 "font/woff2")
set(type_txt "text/plain; charset=utf-8")

file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)
set(arrays "")
set(table "")
set(number 0)
foreach(file IN LISTS files)
  file(READ ${FOLDER}/${file} bytes HEX)
  file(SIZE ${FOLDER}/${file} size)
  file(SHA256 ${FOLDER}/${file} digest)
  string(SUBSTRING ${digest} 0 32 digest)
  string(REGEX MATCH "[^.]*$" extension "${file}")
  if(DEFINED type_${extension})
    set(type "${type_${extension}}")
  else()
    set(type "application/octet-stream")
  endif()
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" bytes "${bytes}")
  string(APPEND arrays "constexpr unsigned char file_${number}[] = {\n${bytes}0x00};\n")
  string(APPEND table "    {\"/${file}\", \"${type}\", \"\\\"${digest}\\\"\", file_${number}, ${size}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Written by cmake/EmbedFiles.cmake.
#include \"web-ui/server/panel_files.hpp\"

#include <array>

namespace overbias::web_ui {
namespace {

${arrays}
constexpr std::array<EmbeddedFile, ${number}> kFiles{{
${table}}};

} // namespace

std::span<const EmbeddedFile> ${FUNCTION}() {
    return kFiles;
}

} // namespace overbias::web_ui
")
