# One folder of the house is one target, and a target sees only the headers of what it links.
#
# overbias_folder(NAME FOLDER path [SOURCES ...] [LINK ...] [PRIVATE_LINK ...])
#   makes library overbias_NAME from FOLDER. Its headers are reached as "FOLDER/header.hpp" through a private include root
#   (a symbolic link in the build tree), so a header of a folder that is not linked is simply not found: an arrow that
#   points upward does not build.
function(overbias_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER" "SOURCES;LINK;PRIVATE_LINK")
  set(root ${PROJECT_BINARY_DIR}/include-roots/${name})
  get_filename_component(parent ${root}/${arg_FOLDER} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${arg_FOLDER} ${root}/${arg_FOLDER} SYMBOLIC)
  if(arg_SOURCES)
    add_library(overbias_${name} STATIC ${arg_SOURCES})
    target_include_directories(overbias_${name} PUBLIC ${root})
    target_link_libraries(overbias_${name} PUBLIC overbias_options ${arg_LINK} PRIVATE ${arg_PRIVATE_LINK})
  else()
    add_library(overbias_${name} INTERFACE)
    target_include_directories(overbias_${name} INTERFACE ${root})
    target_link_libraries(overbias_${name} INTERFACE overbias_options ${arg_LINK})
  endif()
endfunction()

# overbias_test(NAME FOLDER folder KIND kind SOURCES ... LINK ... [TIMEOUT seconds])
#   one GoogleTest program; every test carries its folder and its kind as ctest labels (ctest -L transport, ctest -L unit).
function(overbias_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "WHOLE" "FOLDER;KIND;TIMEOUT" "SOURCES;LINK")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE overbias_options ${arg_LINK} GTest::gmock GTest::gtest GTest::gtest_main)
  if(NOT TARGET tests_${arg_KIND})
    add_custom_target(tests_${arg_KIND}) # builds every test of that kind
  endif()
  add_dependencies(tests_${arg_KIND} ${name})
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 4)
  # one ctest entry a program: gtest prints each case, and 2 cores are better spent than on process starts
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS "${arg_FOLDER};${arg_KIND}" TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "OVERBIAS_SOURCE_DIR=${PROJECT_SOURCE_DIR};OVERBIAS_BINARY_DIR=${PROJECT_BINARY_DIR}")
endfunction()
