# DAGRUN_STATIC_PROGRAM links GLib, libxml2, SQLite, Jansson and libyaml statically: loading them with their dependencies
# takes longer than loading and running a small graph.  The C library stays shared, since a static
# one does not find users, locales and encodings.
#
# A target that links dagrun-static also links them statically if it has the property
# DAGRUN_IS_STATIC.
option(DAGRUN_STATIC_PROGRAM "Link GLib, libxml2, SQLite, Jansson and libyaml statically, for a faster start" OFF)

# find_archives(OUT NAME…): find the files of static libraries; OUT is empty if one is missing.
function(find_archives out)
  set(found "")
  foreach(name IN LISTS ARGN)
    find_library(DAGRUN_ARCHIVE_${name} lib${name}.a)
    mark_as_advanced(DAGRUN_ARCHIVE_${name})
    list(APPEND found ${DAGRUN_ARCHIVE_${name}})
    if(NOT DAGRUN_ARCHIVE_${name})
      message(WARNING "lib${name}.a not found: the program links shared libraries and starts slower")
      set(found "")
      break()
    endif()
  endforeach()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

set(DAGRUN_ARCHIVES "")
if(DAGRUN_STATIC_PROGRAM)
  set(names ${LIBXML_STATIC_LIBRARIES} ${SQLITE_STATIC_LIBRARIES} ${GLIB_STATIC_LIBRARIES} ${JANSSON_STATIC_LIBRARIES} ${YAML_STATIC_LIBRARIES})
  if("icuuc" IN_LIST names) # replaced by tools/no-icu.c
    pkg_check_modules(ICU REQUIRED icu-uc)
  endif()
  list(FILTER names EXCLUDE REGEX "^(icu.*|m)$")
  list(REMOVE_DUPLICATES names)
  find_archives(DAGRUN_ARCHIVES ${names})
endif()

if(DAGRUN_ARCHIVES)
  add_library(dagrun_archives INTERFACE)
  target_include_directories(dagrun_archives SYSTEM INTERFACE ${GLIB_INCLUDE_DIRS} ${LIBXML_INCLUDE_DIRS} ${SQLITE_INCLUDE_DIRS} ${JANSSON_INCLUDE_DIRS} ${YAML_INCLUDE_DIRS})
  list(JOIN DAGRUN_ARCHIVES "," archives)
  target_link_libraries(dagrun_archives INTERFACE "$<LINK_GROUP:RESCAN,${archives}>" m)
endif()

set(is_static $<BOOL:$<TARGET_PROPERTY:DAGRUN_IS_STATIC>>)
set(DAGRUN_GLIB $<IF:${is_static},dagrun_archives,PkgConfig::GLIB>)
set(DAGRUN_LIBXML $<$<NOT:${is_static}>:PkgConfig::LIBXML>)
set(DAGRUN_JANSSON $<$<NOT:${is_static}>:PkgConfig::JANSSON>)
set(DAGRUN_YAML $<$<NOT:${is_static}>:PkgConfig::YAML>)
set(DAGRUN_SQLITE $<$<NOT:${is_static}>:PkgConfig::SQLITE>)
