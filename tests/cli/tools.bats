#!/usr/bin/env bats
# The scripts in tools/ and bench/: their options, and the packages that they and the build need.

load helpers

scripts()
{
    (
        cd "$source_dir" || exit
        for script in tools/* bench/*; do
            [[ -f $script && -x $script ]] && echo "$script"
        done
    )
}

@test "every script prints its help, and does nothing else" {
    [[ $(scripts | wc -l) -ge 10 ]]
    for script in $(scripts); do
        for option in -h --help; do
            run -0 --separate-stderr timeout 20 "$source_dir/$script" $option
            is "$stderr" ''
            has "$output" "$script"
        done
    done
}

@test "every script refuses an unknown option, and says where help is" {
    for script in $(scripts); do
        run --separate-stderr timeout 20 "$source_dir/$script" --frobnicate
        is "$script $status" "$script 2"
        is "$output" ''
        has "$stderr" "--frobnicate"
        [[ $script == bench/run ]] || has "$stderr" "see $script --help"
    done
}

# Copy the scripts to a place with odd characters, with another cmake: make_checkout DIRECTORY
make_checkout()
{
    mkdir -p "$1" stand-ins
    cp -R "$source_dir/tools" "$1"
    cat >stand-ins/cmake <<'END'
#!/bin/sh
printf '%s|' "$@" >>"$CMAKE_CALLS"
echo >>"$CMAKE_CALLS"
END
    chmod +x stand-ins/cmake
    export CMAKE_CALLS=$PWD/calls PATH=$PWD/stand-ins:$PATH
}

# Write the cache of a build: make_cache CHECKOUT BUILD
make_cache()
{
    mkdir -p "$1/$2"
    printf 'CMAKE_HOME_DIRECTORY:INTERNAL=%s\nCMAKE_CACHEFILE_DIR:INTERNAL=%s\n' \
        "$PWD/$1" "$PWD/$1/$2" >"$1/$2/CMakeCache.txt"
}

@test "a checkout that was moved, copied or renamed is configured anew" {
    odd="a b'c\$(d)&"
    make_checkout "$odd"
    make_cache "$odd" build/release
    run -0 "$odd/tools/configure" release
    is "$(cat calls)" '--preset|release|'
    mv "$odd" 'new name'
    run -0 'new name/tools/configure' release -DX=1
    is "$(tail -n 1 calls)" '--preset|release|-DX=1|--fresh|'
    make_cache 'new name' build/release
    cp -R 'new name' copy
    run -0 copy/tools/configure release
    is "$(tail -n 1 calls)" '--preset|release|--fresh|'
    ln -s 'new name' link
    run -0 link/tools/configure release
    is "$(tail -n 1 calls)" '--preset|release|'
    run -0 link/tools/configure release -B build/package
    is "$(tail -n 1 calls)" '--preset|release|-B|build/package|'
}

@test "the scripts configure a build only through tools/configure" {
    run grep -nE '^[^#"]*cmake --preset' "$source_dir"/tools/{api-docs,fuzz,lint,package,quickstart,soak,test}
    is "$output" ''
}

@test "without a network, the first lines say what failed" {
    make_checkout here
    for program in sudo apt-get dpkg-query; do
        printf '#!/bin/sh\nexit 1\n' >stand-ins/$program
        chmod +x stand-ins/$program
    done
    cat >stand-ins/sudo <<'END'
#!/bin/sh
exec "$@"
END
    cat >stand-ins/apt-get <<'END'
#!/bin/sh
for i in $(seq 300); do echo "Ign:$i http://deb.debian.org/debian bookworm"; done
echo 'E: Failed to fetch http://deb.debian.org/  Temporary failure resolving'
exit 100
END
    run -1 --separate-stderr here/tools/install-packages build
    matches "$output" '^== Installing \(this may take minutes\): gcc [^
]*$'
    is "$(wc -l <<<"$stderr")" 5
    has "${stderr_lines[0]}" 'tools/install-packages: cannot install: gcc '
    is "${stderr_lines[1]}" 'the lists of packages cannot be updated: is there a network?'
    has "${stderr_lines[3]}" 'Temporary failure resolving'
}

@test "quickstart ends with the commands that install dagrun" {
    has "$(tail -n 14 "$source_dir/tools/quickstart")" 'cmake --install build/release --prefix ~/.local'
    has "$(tail -n 14 "$source_dir/tools/quickstart")" 'PATH='
    has "$(tail -n 14 "$source_dir/tools/quickstart")" 'man dagrun'
}

# Print the packages that are installed if the declared ones are: those, what they depend on, and the
# ones that every Debian has.
declared_packages()
{
    dpkg-query -W -f '${Package}|${Status}|${Essential}|${Priority}|${Provides}|${Pre-Depends}, ${Depends}\n' |
        awk -F '|' -v list="$source_dir/tools/packages.txt" '
            function names(text, out,   n, i, parts) {
                gsub(/\([^)]*\)|:any|:native| /, "", text)
                n = split(text, parts, /[,]+/)
                for (i in out) delete out[i]
                for (i = 1; i <= n; i++) out[i] = parts[i]
                return n
            }
            function add(name) { if (name != "" && !(name in wanted)) { wanted[name] = 1; queue[++last] = name } }
            BEGIN {
                while ((getline line <list) > 0) {
                    split(line, word, / +/)
                    if (line ~ /^[a-z]/) add(word[2])
                }
            }
            { text = $0; sub(/^[^|]*\|[^|]*\|[^|]*\|[^|]*\|[^|]*\|/, "", text) }
            $2 ~ / installed$/ {
                depends[$1] = text
                n = names($5, parts)
                for (i = 1; i <= n; i++) provider[parts[i]] = provider[parts[i]] " " $1
                if ($3 == "yes" || $4 == "required") add($1)
            }
            END {
                for (first = 1; first <= last; first++) {
                    name = queue[first]
                    if (!(name in depends)) {
                        n = split(provider[name], parts, " ")
                        for (i = 1; i <= n; i++) add(parts[i])
                        continue
                    }
                    print name
                    n = names(depends[name], parts)
                    for (i = 1; i <= n; i++) {
                        m = split(parts[i], choices, "|")
                        for (k = 1; k <= m; k++) if (choices[k] in depends || choices[k] in provider) add(choices[k])
                    }
                }
            }' | sort -u
}

# Print "PACKAGE FILE" for each of the files that a package owns.  Until all files were moved to /usr,
# some packages had them in /bin and /lib.
owners()
{
    sed 'p; s|^/usr/|/|' | sort -u | xargs -d '\n' dpkg -S 2>/dev/null |
        sed -nE 's/^([^:, ]*)(:[a-z0-9]+)?: (.*)$/\1 \3/p' | sort -u
}

# Check that a declared package owns each of the files on standard input.
are_declared()
{
    declared_packages >declared
    owners >owners
    [[ -s owners ]]
    undeclared=$(awk 'NR == FNR { known[$1] = 1; next } !($1 in known)' declared owners)
    is "$undeclared" ''
}

@test "the build uses headers and libraries of declared packages only" {
    needs_program dpkg-query
    needs_program ninja
    build=$(dirname "$DAGRUN")
    [[ -f $build/build.ninja ]] || skip 'not built by ninja'
    {
        grep -oE '/usr/[^ ;]*\.(a|so)( |$)' "$build/build.ninja" | tr -d ' '
        ninja -C "$build" -t deps 2>/dev/null | sed -n 's|^ *\(/usr/include/.*\)|\1|p'
        for library in liblzma.a libz.a libxml2.a libglib-2.0.a libpcre2-8.a; do
            find /usr/lib -maxdepth 2 -name $library # of the release preset
        done
    } | sort -u | are_declared
}

# Print the words that stand where a command may stand, in scripts and tests.
commands_used()
{
    (
        cd "$source_dir" || exit
        cat tests/*.sh tests/cli/*.bats tests/cli/helpers.bash tests/cli/servers.bash $(scripts | grep tools/) |
            sed -E -e 's/(^|[[:space:]])#.*//' |
            grep -aoE '(^ *|[|;&(] *|\$\(|(then|do|else|if|!|exec|needs_program|need|env|timeout [0-9]+) +)[a-z][a-z0-9_.+-]*' |
            grep -aoE '[a-z][a-z0-9_.+-]*$'
        grep -ohE 'find_program\([A-Z_]+ [a-z-]+' -r --include=CMakeLists.txt --include='*.cmake' . | awk '{ print $2 }'
        # Programs that others start: cpack, and clang with OpenMP.
        printf '%s\n' file dpkg-shlibdeps python3
    ) | sort -u | grep -vx -e curl -e look -e write # in texts and stand-ins
}

@test "scripts and tests use commands of declared packages only" {
    needs_program dpkg-query
    for command in $(commands_used); do
        case $(type -t "$command") in
        file)
            path=$(command -v "$command")
            echo "$path"
            readlink -f "$path"
            ;;
        esac
    done | grep '^/' | sort -u >paths
    [[ $(wc -l <paths) -gt 30 ]]
    are_declared <paths
}

@test "packages that no program names are declared" {
    # The sanitizers and OpenMP of clang, for tools/test and the bench.
    for package in libclang-rt-14-dev libomp-14-dev liblzma-dev file; do
        grep -qE "^[a-z]+ +$package " "$source_dir/tools/packages.txt"
    done
}
