# DAGRUN_SANITIZE is the value of -fsanitize=, such as "address,undefined" or "thread".
set(DAGRUN_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

if(DAGRUN_SANITIZE)
  add_compile_options(-fsanitize=${DAGRUN_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DAGRUN_SANITIZE})
endif()
