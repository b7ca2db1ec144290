# Installation, in the components of the packages: program, scheduler and tasks (the libraries),
# development.  Installed files refer to each other by relative paths, so that an installation can
# be moved.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/dagrun)

install(TARGETS dagrun-program RUNTIME COMPONENT program)
install(FILES ${PROJECT_SOURCE_DIR}/docs/dagrun.1
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${PROJECT_SOURCE_DIR}/tools/dagrun.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME dagrun
        COMPONENT program)
# The catalog contains a relative path to the schema.
install(FILES ${PROJECT_SOURCE_DIR}/schemas/dagrun.xsd ${PROJECT_SOURCE_DIR}/schemas/catalog.xml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/xml/dagrun COMPONENT program)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

# install_library(NAME COMPONENT): install the library, its headers, and NAME.pc.
function(install_library name component)
  install(TARGETS ${name} EXPORT dagrun
    LIBRARY COMPONENT ${component} NAMELINK_COMPONENT development
    ARCHIVE COMPONENT development
    FILE_SET HEADERS COMPONENT development)
  file(RELATIVE_PATH DAGRUN_PC_TO_PREFIX
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  configure_file(cmake/${name}.pc.in ${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endfunction()

# The user of a static library must link its dependencies; a shared one links them itself.
if(NOT BUILD_SHARED_LIBS)
  set(DAGRUN_PC_PRIVATE "Requires.private: libxml-2.0 >= 2.9\nLibs.private: -pthread -lm\n")
endif()
install_library(dagrun scheduler)
install_library(dagrun-tasks tasks)
set_target_properties(dagrun-tasks PROPERTIES EXPORT_NAME tasks)
install(EXPORT dagrun NAMESPACE dagrun:: FILE dagrunTargets.cmake
        DESTINATION ${package_dir} COMPONENT development)
configure_package_config_file(cmake/dagrunConfig.cmake.in dagrunConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
# Before 1.0, each minor version may be incompatible.
write_basic_package_version_file(dagrunConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dagrunConfig.cmake
              ${PROJECT_BINARY_DIR}/dagrunConfigVersion.cmake
        DESTINATION ${package_dir} COMPONENT development)
