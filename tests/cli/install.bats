#!/usr/bin/env bats
# Content of an installation; its parts find each other.

load helpers

setup_file()
{
    export INSTALLED="$BATS_FILE_TMPDIR/here"
    cmake --install "$(dirname "$DAGRUN")" --prefix "$INSTALLED" >"$BATS_FILE_TMPDIR/log"
}

@test "each file is in its directory, and there are no others" {
    is "$(cd "$INSTALLED" && find . -type f -o -type l | grep -v -e '^./include/' -e gobject -e 'gir' | sort)" './bin/dagrun
./lib/cmake/dagrun/dagrunConfig.cmake
./lib/cmake/dagrun/dagrunConfigVersion.cmake
./lib/cmake/dagrun/dagrunTargets-relwithdebinfo.cmake
./lib/cmake/dagrun/dagrunTargets.cmake
./lib/libdagrun-tasks.so
./lib/libdagrun-tasks.so.0.1
./lib/libdagrun-tasks.so.0.1.0
./lib/libdagrun.so
./lib/libdagrun.so.0.1
./lib/libdagrun.so.0.1.0
./lib/pkgconfig/dagrun-tasks.pc
./lib/pkgconfig/dagrun.pc
./share/bash-completion/completions/dagrun
./share/doc/dagrun/LICENSE
./share/doc/dagrun/README.md
./share/man/man1/dagrun.1
./share/xml/dagrun/catalog.xml
./share/xml/dagrun/dagrun.xsd'
    is "$(ls "$INSTALLED/include")" dagrun
    is "$(ls "$INSTALLED/include/dagrun")" \
        "$(cd "$source_dir" && ls scheduler/include/dagrun tasks/include/dagrun | grep '\.h$' | sort)"
}

@test "each component can be installed alone" {
    for component in program scheduler tasks development; do
        cmake --install "$(dirname "$DAGRUN")" --prefix "$PWD/$component" --component $component >log
    done
    is "$(ls program)" $'bin\nshare'
    is "$(cd scheduler && find . -type f)" ./lib/libdagrun.so.0.1.0
    is "$(cd tasks && find . -type f)" ./lib/libdagrun-tasks.so.0.1.0
    is "$(ls development development/lib)" "$(printf '%s\n' development: include lib '' \
        development/lib: cmake libdagrun-tasks.so libdagrun.so pkgconfig)"
}

@test "all files are readable, and the program is executable, by everyone" {
    is "$(cd "$INSTALLED" && find . -type f ! -perm -444)" ''
    is "$(stat -c %a "$INSTALLED/bin/dagrun")" 755
}

@test "the installed program runs on its own" {
    graph g.xml <<<'<task id="a"><exec>echo hello</exec></task>'
    is "$(cd / && "$INSTALLED/bin/dagrun" "$OLDPWD/g.xml" 2>/dev/null)" hello
    is "$("$INSTALLED/bin/dagrun" --version)" "$(dagrun --version)"
}

@test "the catalog leads to the installed schema" {
    needs_program xmlcatalog
    for name in urn:dagrun:graph:1 urn:dagrun:schema:graph:1; do
        file=$(xmlcatalog "$INSTALLED/share/xml/dagrun/catalog.xml" "$name" | tail -n 1)
        [[ ${file#file://} -ef $INSTALLED/share/xml/dagrun/dagrun.xsd ]]
    done
    cmp "$INSTALLED/share/xml/dagrun/dagrun.xsd" "$source_dir/schemas/dagrun.xsd"
}

@test "xmllint finds the schema by its name through the catalog" {
    needs_program xmllint
    graph g.xml <<<'<task id="a"/>'
    XML_CATALOG_FILES=$INSTALLED/share/xml/dagrun/catalog.xml \
        xmllint --nonet --noout --schema urn:dagrun:schema:graph:1 g.xml
    run -0 env XML_CATALOG_FILES="$INSTALLED/share/xml/dagrun/catalog.xml" \
        xmllint --nonet --noout --schema urn:dagrun:graph:1 g.xml
}

@test "the installed manual page is readable" {
    needs_program man
    run -0 env MANWIDTH=80 man -l "$INSTALLED/share/man/man1/dagrun.1"
    has "$output" 'SYNOPSIS'
}

@test "an installation below DESTDIR" {
    DESTDIR=$PWD/stage cmake --install "$(dirname "$DAGRUN")" --prefix /usr >log
    [[ -x stage/usr/bin/dagrun && -e stage/usr/share/xml/dagrun/catalog.xml ]]
}

@test "bash-completion finds the installed completion" {
    library=/usr/share/bash-completion/bash_completion
    [[ -e $library ]] || skip 'bash-completion is not installed'
    run env XDG_DATA_DIRS="$INSTALLED/share" BASH_COMPLETION_USER_DIR="$INSTALLED/share/bash-completion" \
        bash --norc -c "source $library; PATH=$INSTALLED/bin:\$PATH
            _completion_loader dagrun; complete -p dagrun"
    has "$output" 'complete -F _dagrun dagrun'
}
