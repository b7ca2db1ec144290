# Additional files that Debian requires in a package.  CPack runs this script on the files of each
# package before it packs them.
set(source ${CMAKE_CURRENT_LIST_DIR}/..)

# compress(FILE): compress without a time stamp, so that packages are reproducible.
function(compress file)
  execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# tools/package sets SOURCE_DATE_EPOCH to the date of the commit.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  set(root ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr)
  set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  set(doc ${root}/share/doc/${package})
  file(REMOVE ${doc}/LICENSE) # Debian's name is copyright
  configure_file(${source}/LICENSE ${doc}/copyright COPYONLY)
  configure_file(${source}/CHANGELOG.md ${doc}/changelog COPYONLY)
  compress(${doc}/changelog)
  file(WRITE ${doc}/changelog.Debian
    "${package} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
    "  * See changelog.gz for the changes.\n\n"
    " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  compress(${doc}/changelog.Debian)
endforeach()
compress(${CPACK_TEMPORARY_DIRECTORY}/program/usr/share/man/man1/dagrun.1)
