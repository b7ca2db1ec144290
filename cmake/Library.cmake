# dagrun_library(NAME [PUBLIC TARGET…] [PRIVATE TARGET…] HEADERS FILE…): define the installed
# library from the objects of NAME-static, which the program and the tests link, so that nothing
# is compiled twice.  A shared library (BUILD_SHARED_LIBS) exports only the symbols of
# exports.map.
option(BUILD_SHARED_LIBS "Build shared libraries" ON)

# The objects are also used in shared libraries.  Our functions cannot be interposed, so that calls
# among them are as fast as in a program.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_options(-fno-semantic-interposition)

# Link-time optimization: the executor is spread over several files, and calls between them cost
# time for very small tasks.  Not for static libraries, which only the same compiler could use.
if(BUILD_SHARED_LIBS AND CMAKE_BUILD_TYPE STREQUAL "Release")
  include(CheckIPOSupported)
  check_ipo_supported(RESULT DAGRUN_HAS_IPO LANGUAGES C)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${DAGRUN_HAS_IPO})
endif()

set(DAGRUN_EXPORTS ${CMAKE_CURRENT_LIST_DIR}/exports.map)

# Before 1.0, each minor version may be binary-incompatible.
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
