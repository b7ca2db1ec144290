# dagrun_library(NAME [PUBLIC TARGET…] [PRIVATE TARGET…] HEADERS FILE…): what is installed of a library,
# made of the objects of NAME-static, which is what the program and the tests link.  Nothing is
# compiled twice.  Shared unless BUILD_SHARED_LIBS is OFF; then it exports what exports.map names.
option(BUILD_SHARED_LIBS "The libraries are shared ones" ON)

# Objects go into shared libraries too, but nobody may replace our functions by others of the
# same name, so that calls among them are as fast as in a program.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_options(-fno-semantic-interposition)

# What runs a million tasks is spread over several files, and calls between them are felt.  Not for
# static libraries: they would be of use to the same compiler only.
if(BUILD_SHARED_LIBS AND CMAKE_BUILD_TYPE STREQUAL "Release")
  include(CheckIPOSupported)
  check_ipo_supported(RESULT DAGRUN_HAS_IPO LANGUAGES C)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${DAGRUN_HAS_IPO})
endif()

set(DAGRUN_EXPORTS ${CMAKE_CURRENT_LIST_DIR}/exports.map)

# Before 1.0, each minor version may break what was linked with the one before.
set(DAGRUN_SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

function(dagrun_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PUBLIC;PRIVATE;HEADERS")
  add_library(${name} $<TARGET_OBJECTS:${name}-static>)
  add_library(dagrun::${name} ALIAS ${name})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
  target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  set_target_properties(${name} PROPERTIES
    LINKER_LANGUAGE C VERIFY_INTERFACE_HEADER_SETS ON
    VERSION ${PROJECT_VERSION} SOVERSION ${DAGRUN_SOVERSION})
  if(BUILD_SHARED_LIBS)
    target_link_options(${name} PRIVATE
      LINKER:--version-script=${DAGRUN_EXPORTS} LINKER:-Bsymbolic-functions LINKER:--as-needed)
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${DAGRUN_EXPORTS})
  endif()
endfunction()
