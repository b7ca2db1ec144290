# embed_file(TARGET FILE SYMBOL): compile FILE into TARGET as `const unsigned char SYMBOL[]`,
# followed by a NUL.
#
# When run as a script (cmake -P), this file writes the C file; the function below calls it so.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${INPUT} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
  file(WRITE ${OUTPUT}
       "extern const unsigned char ${SYMBOL}[];\nconst unsigned char ${SYMBOL}[] = {\n${bytes}0x00};\n")
  return()
endif()

set(EMBED_FILE_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(embed_file target file symbol)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${file} -DOUTPUT=${output} -DSYMBOL=${symbol}
            -P ${EMBED_FILE_SCRIPT}
    DEPENDS ${file} ${EMBED_FILE_SCRIPT}
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
