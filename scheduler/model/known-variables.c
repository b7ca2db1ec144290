/* SPDX-License-Identifier: MIT */
/*
 * The table was made from the manuals: environ(7), ld.so(8), locale(7), sh(1), bash(1), zsh(1),
 * "Implicit Variables" of GNU make, gcc(1), the environment variables of CMake, git(1), python(1),
 * perlrun(1), ruby(1), node(1), go help environment, cargo, curl(1), tar(1), xz(1), gzip(1), less(1).
 *
 * It lists variables that change how programs work whatever their value is.  Variables that only a
 * few programs read, or only with values of their own form (PGHOST, AWS_REGION), are not in it: a
 * parameter of that name most likely is meant for them, and the run warns if it hides one.
 */
#include "model/known-variables.h"

#include "model/hash.h"

#include <string.h>

/* The names are separated by spaces; a "*" at the end of a name stands for any text. */
typedef struct Readers {
    const char *readers;
    const char *names;
} Readers;

static const Readers table[] = {
    {"every program that starts others", "PATH"},
    {"every shell", "IFS ENV CDPATH PS1 PS2 PS3 PS4 PWD OLDPWD SHELL PPID OPTIND OPTARG "
                    "OPTERR LINENO FCEDIT "
                    "MAILCHECK MAILPATH"},
    {"bash and zsh",
     "BASH BASH_* BASHOPTS BASHPID SHELLOPTS SHLVL UID EUID GROUPS RANDOM SECONDS DIRSTACK "
     "EPOCHSECONDS EPOCHREALTIME EXECIGNORE FIGNORE FUNCNAME FUNCNEST GLOBIGNORE HISTFILE "
     "HISTSIZE HISTCONTROL HISTIGNORE HOSTNAME HOSTTYPE IGNOREEOF INPUTRC MACHTYPE MAPFILE "
     "OSTYPE PIPESTATUS PROMPT_COMMAND REPLY TIMEFORMAT TMOUT ZDOTDIR FPATH NULLCMD "
     "READNULLCMD PS0 RPS1"},
    {"the C library",
     "LANG LANGUAGE LC_* LOCPATH NLSPATH TZ TZDIR GCONV_PATH GETCONF_DIR HOSTALIASES "
     "LOCALDOMAIN RES_OPTIONS POSIXLY_CORRECT GLIBC_TUNABLES MALLOC_*"},
    {"the dynamic linker", "LD_* DYLD_*"},
    {"most programs",
     "HOME TMPDIR TMP TEMP TEMPDIR USER LOGNAME USERNAME MAIL TERM TERMCAP TERMINFO "
     "TERMINFO_DIRS COLUMNS LINES COLORTERM NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE "
     "EDITOR VISUAL PAGER BROWSER DISPLAY WAYLAND_DISPLAY XAUTHORITY XDG_* "
     "DBUS_SESSION_BUS_ADDRESS DBUS_SYSTEM_BUS_ADDRESS"},
    {"programs that use the network",
     "*_proxy *_PROXY SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE OPENSSL_CONF "
     "OPENSSL_MODULES "
     "OPENSSL_ENGINES CURL_HOME CURL_CA_BUNDLE REQUESTS_CA_BUNDLE WGETRC SYSTEM_WGETRC "
     "NETRC "
     "SSH_AUTH_SOCK SSH_AGENT_PID SSH_ASKPASS SSH_CONNECTION SSH_TTY RSYNC_RSH RSYNC_PROXY "
     "GNUPGHOME GPG_TTY GPG_AGENT_INFO KRB5CCNAME KRB5_CONFIG"},
    {"make",
     "MAKE MAKEFLAGS MFLAGS GNUMAKEFLAGS MAKEFILES MAKEFILE_LIST MAKELEVEL MAKECMDGOALS "
     "MAKEOVERRIDES MAKE_TERMOUT MAKE_TERMERR MAKESHELL MAKE_VERSION MAKE_HOST CURDIR "
     "VPATH "
     "SUFFIXES DESTDIR"},
    {"make, compilers and build systems",
     "AR ARFLAGS AS ASFLAGS CC CXX CPP FC F77 LD NM OBJC OBJCOPY OBJDUMP RANLIB STRIP LEX "
     "YACC "
     "CFLAGS CXXFLAGS CPPFLAGS FFLAGS FCFLAGS LDFLAGS LDLIBS LFLAGS YFLAGS OBJCFLAGS LIBS "
     "CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH OBJC_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH "
     "GCC_EXEC_PREFIX GCC_COMPARE_DEBUG GCC_COLORS COLLECT_GCC DEPENDENCIES_OUTPUT "
     "SUNPRO_DEPENDENCIES SOURCE_DATE_EPOCH LD_RUN_PATH INSTALL CONFIG_SITE CONFIG_SHELL "
     "ACLOCAL_PATH AUTOM4TE PKG_CONFIG PKG_CONFIG_* CMAKE_* CTEST_* NINJA_STATUS "
     "NINJAFLAGS "
     "SAMUFLAGS MESON_* CCACHE_* DISTCC_* ASAN_OPTIONS LSAN_OPTIONS MSAN_OPTIONS "
     "TSAN_OPTIONS "
     "UBSAN_OPTIONS DEB_BUILD_OPTIONS DEB_BUILD_PROFILES"},
    {"Python",
     "PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONOPTIMIZE PYTHONDEBUG PYTHONINSPECT "
     "PYTHONUNBUFFERED PYTHONVERBOSE PYTHONCASEOK PYTHONDONTWRITEBYTECODE "
     "PYTHONPYCACHEPREFIX "
     "PYTHONHASHSEED PYTHONIOENCODING PYTHONNOUSERSITE PYTHONUSERBASE PYTHONEXECUTABLE "
     "PYTHONWARNINGS PYTHONFAULTHANDLER PYTHONTRACEMALLOC PYTHONMALLOC PYTHONUTF8 "
     "PYTHONSAFEPATH PYTHONBREAKPOINT PYTHONPLATLIBDIR PYTHONDEVMODE PYTHONCOERCECLOCALE "
     "VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV PIP_*"},
    {"Perl", "PERL5LIB PERL5OPT PERL5DB PERL5SHELL PERLLIB PERLIO PERL_*"},
    {"Ruby",
     "RUBYLIB RUBYOPT RUBYPATH RUBYSHELL GEM_HOME GEM_PATH GEM_SPEC_CACHE BUNDLE_*"},
    {"Node.js", "NODE_PATH NODE_OPTIONS NODE_ENV NODE_EXTRA_CA_CERTS NPM_CONFIG_* npm_*"},
    {"Go", "GOPATH GOROOT GOBIN GOOS GOARCH GOARM GOAMD64 GOFLAGS GOCACHE GOMODCACHE GOENV "
           "GOPROXY "
           "GOPRIVATE GONOPROXY GONOSUMDB GONOSUMCHECK GOSUMDB GOTMPDIR GOTOOLCHAIN GOWORK "
           "GOMAXPROCS "
           "GODEBUG GOGC GOMEMLIMIT GOTRACEBACK GOEXPERIMENT GO111MODULE CGO_*"},
    {"Rust", "RUSTC RUSTDOC RUSTFLAGS RUSTDOCFLAGS RUSTC_WRAPPER RUSTC_BOOTSTRAP "
             "RUST_BACKTRACE RUST_LOG "
             "RUSTUP_* CARGO CARGO_*"},
    {"Java",
     "JAVA_HOME CLASSPATH JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS JAVA_OPTS "
     "MAVEN_OPTS MAVEN_ARGS GRADLE_OPTS GRADLE_USER_HOME ANT_OPTS ANT_ARGS ANT_HOME"},
    {"other languages",
     "R_HOME R_LIBS R_LIBS_USER R_LIBS_SITE R_ENVIRON R_PROFILE LUA_PATH LUA_CPATH "
     "LUA_INIT "
     "PHPRC PHP_INI_SCAN_DIR TCLLIBPATH AWKPATH AWKLIBPATH GUILE_LOAD_PATH JULIA_* "
     "GHC_PACKAGE_PATH GHC_ENVIRONMENT EMACSLOADPATH TEXINPUTS TEXMFHOME BIBINPUTS "
     "BSTINPUTS "
     "OMP_* KMP_* CUDA_VISIBLE_DEVICES"},
    {"git and other tools",
     "GIT_* HGRCPATH HGPLAIN SVN_SSH CVSROOT CVS_RSH GREP_OPTIONS GREP_COLOR GREP_COLORS "
     "TAR_OPTIONS TAPE GZIP BZIP BZIP2 XZ_OPT XZ_DEFAULTS ZSTD_CLEVEL ZSTD_NBTHREADS "
     "ZIPOPT "
     "UNZIP ZIPINFO LESS LESSOPEN LESSCLOSE LESSCHARSET MANPATH MANPAGER INFOPATH "
     "LS_COLORS "
     "LS_BLOCK_SIZE DF_BLOCK_SIZE DU_BLOCK_SIZE BLOCK_SIZE BLOCKSIZE QUOTING_STYLE "
     "TIME_STYLE "
     "TABSIZE SIMPLE_BACKUP_SUFFIX VERSION_CONTROL DEBIAN_FRONTEND DOCKER_HOST "
     "DOCKER_CONFIG DOCKER_CONTEXT KUBECONFIG SUDO_ASKPASS SHELLCHECK_OPTS"},
};

bool
dag__is_own_variable(const char *name)
{
    return g_str_has_prefix(name, DAG__OWN_VARIABLES);
}

/* Return true if a pattern word[0, length) of the table stands for several names. */
static bool
is_pattern(const char *word, size_t length)
{
    return word[0] == '*' || word[length - 1] == '*';
}

static bool
fits(const char *name, const char *pattern)
{
    size_t length = strlen(pattern);

    return *pattern == '*' ? g_str_has_suffix(name, pattern + 1)
                           : strncmp(name, pattern, length - 1) == 0;
}

/* The table, arranged for searching. */
typedef struct Index {
    GHashTable *readers; /* of name or pattern to Readers.readers */
    GPtrArray *patterns; /* of char *: keys of `readers` */
} Index;

static Index *
index_new(void)
{
    Index *index = g_new(Index, 1);

    index->readers = g_hash_table_new_full(dag__hash_text, g_str_equal, g_free, NULL);
    index->patterns = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_auto(GStrv) names = g_strsplit(table[i].names, " ", -1);

        for (char **name = names; *name; name++) {
            char *key = g_strdup(*name);

            g_hash_table_insert(index->readers, key, (gpointer)table[i].readers);
            if (is_pattern(key, strlen(key)))
                g_ptr_array_add(index->patterns, key);
        }
    }
    return index;
}

const char *
dag__variable_readers(const char *name)
{
    static GOnce once = G_ONCE_INIT;
    const Index *index;
    const char *readers;

    /* Nearly all ids: every name in the table has a capital letter first, but for these. */
    if (!g_ascii_isupper(*name) && *name != '_' && !g_str_has_suffix(name, "_proxy") &&
        !g_str_has_prefix(name, "npm_"))
        return NULL;
    index = g_once(&once, (GThreadFunc)(void (*)(void))index_new, NULL);
    readers = g_hash_table_lookup(index->readers, name);
    for (guint i = 0; !readers && i < index->patterns->len; i++)
        if (fits(name, index->patterns->pdata[i]))
            readers = g_hash_table_lookup(index->readers, index->patterns->pdata[i]);
    return readers;
}
