# Debian packages, one per component of Install.cmake; tools/package builds them.
set(DAGRUN_MAINTAINER "The dagrun authors <dagrun@localhost>"
    CACHE STRING "Maintainer of the Debian packages")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT ${DAGRUN_MAINTAINER})
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program scheduler tasks development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/PackageFiles.cmake)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/scheduler)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")

# dagrun_package(COMPONENT NAME SECTION SUMMARY TEXT)
macro(dagrun_package component name section summary text)
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${summary}\n${text}")
endmacro()

dagrun_package(program dagrun devel
  "runs task graphs in phases inferred from dependencies"
  "Takes a graph of tasks written in XML, infers from the dependencies which tasks
can run in parallel, runs them, and reports results and timings.")
dagrun_package(scheduler libdagrun${DAGRUN_SOVERSION} libs
  "scheduler of task graphs, the library"
  "Builds a graph from XML or from C, plans its phases, runs it on a pool of
threads by one of several strategies, and reports the results.")
dagrun_package(tasks libdagrun-tasks${DAGRUN_SOVERSION} libs
  "kinds of task for the scheduler of task graphs"
  "Programs, shell scripts and waiting, as tasks of a graph that libdagrun runs.")
dagrun_package(development libdagrun-dev libdevel
  "scheduler of task graphs, headers"
  "Files to compile programs that use libdagrun and libdagrun-tasks: headers, and
files for pkg-config and CMake.")
# Requests load libcurl at run time.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS libcurl4)
set(CPACK_DEBIAN_TASKS_PACKAGE_RECOMMENDS libcurl4)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libglib2.0-dev (>= 2.74)")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)

# dpkg needs a trigger for ldconfig in addition to CPack's scripts.
file(WRITE ${PROJECT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_SCHEDULER_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/triggers)
set(CPACK_DEBIAN_TASKS_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/triggers)

include(CPack)
cpack_add_component(program)
cpack_add_component(scheduler)
cpack_add_component(tasks DEPENDS scheduler)
cpack_add_component(development DEPENDS scheduler tasks)
