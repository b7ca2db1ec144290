# What Debian wants in a package beyond what is installed anyway.  CPack runs this on the files of each
# package, before it packs them.
set(source ${CMAKE_CURRENT_LIST_DIR}/..)

# compress(FILE): without a time stamp, so that the same source makes the same package.
function(compress file)
  execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# As of the commit, where tools/package says so (SOURCE_DATE_EPOCH).
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  set(root ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr)
  set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  set(doc ${root}/share/doc/${package})
  file(REMOVE ${doc}/LICENSE) # it is called copyright there
  configure_file(${source}/LICENSE ${doc}/copyright COPYONLY)
  configure_file(${source}/CHANGELOG.md ${doc}/changelog COPYONLY)
  compress(${doc}/changelog)
  file(WRITE ${doc}/changelog.Debian
    "${package} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
    "  * What changed is told in changelog.gz.\n\n"
    " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  compress(${doc}/changelog.Debian)
endforeach()
compress(${CPACK_TEMPORARY_DIRECTORY}/program/usr/share/man/man1/dagrun.1)
