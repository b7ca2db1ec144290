# Warnings for our own targets: link dagrun_warnings privately.
option(DAGRUN_WERROR "Treat warnings as errors" OFF)

add_library(dagrun_warnings INTERFACE)
target_compile_options(dagrun_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes;-Wmissing-prototypes;-Wold-style-definition>
  -Wformat=2 -Wundef -Wvla -Wcast-align
  -Wwrite-strings -Wpointer-arith -Wnull-dereference -Wdouble-promotion
  $<$<BOOL:${DAGRUN_WERROR}>:-Werror>)
target_compile_definitions(dagrun_warnings INTERFACE
  _GNU_SOURCE G_LOG_DOMAIN="dagrun" GLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_74
  GLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_74)
