# What people and their tools use.  The schema and its catalog stay side by side, since the
# catalog names the schema relative to itself.
install(TARGETS dagrun-program RUNTIME)
install(FILES ${PROJECT_SOURCE_DIR}/docs/dagrun.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_SOURCE_DIR}/tools/dagrun.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME dagrun)
install(FILES ${PROJECT_SOURCE_DIR}/schemas/dagrun.xsd ${PROJECT_SOURCE_DIR}/schemas/catalog.xml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/xml/dagrun)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
