# Servers for the tests of requests, on 127.0.0.1: load it after the helpers.  They end with the test.

# The environment must not send requests elsewhere.
forget_proxies()
{
    unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
}

# Start the chat service (tests/support/chat-server.c), in a setup(): chat_setup [WORD...]
# Sets base; a word may be an option of the server, such as --key KEY.
chat_setup()
{
    [[ -e ${DAGRUN_CHAT_SERVER-} ]] || { echo "DAGRUN_CHAT_SERVER must be the server: \"${DAGRUN_CHAT_SERVER-}\""; return 1; }
    mkdir "$BATS_TEST_TMPDIR/work"
    cd -- "$BATS_TEST_TMPDIR/work" || return 1
    export TERM=dumb XDG_CACHE_HOME=$PWD/cache
    forget_proxies
    coproc SERVER { exec "$DAGRUN_CHAT_SERVER" "$@" 3>&-; }
    chat_server=$SERVER_PID
    read -r base <&"${SERVER[0]}"
}

# End the chat service, so that nothing answers any more.
end_chat()
{
    local input=${SERVER[1]-}

    [[ $input ]] || return 0
    exec {input}>&-
    wait "$chat_server" || true
    SERVER=()
}

# Start the server of pages (tests/support/http-server.py), which writes its requests to the file log and ends with the
# file descriptor 8.  Sets pages.
serve_pages()
{
    mkfifo control
    python3 "$source_dir/tests/support/http-server.py" log <control >port 3>&- &
    exec 8>control
    wait_until exists port
    pages=http://127.0.0.1:$(<port)
    forget_proxies
}

# For a teardown(), also if none was started.
end_servers()
{
    end_chat
    exec 8>&-
}

teardown()
{
    end_servers
}

# Write a graph with the chat service, its key and tasks: chat_graph [FILE]
chat_graph()
{
    {
        echo '<param name="base"/><param name="token" secret="true"/><param name="model" default="echo"/>'
        # shellcheck disable=SC2016 # parameters of the graph
        echo '<service name="ai" url="${base}" key="${token}"/>'
        cat
    } | graph "${1-g.xml}"
}

# Run that graph with the key in the file key: chat_exits STATUS WORD...
chat_exits()
{
    local expected=$1

    shift
    dagrun_exits "$expected" g.xml --set base="$base" --set-file token=key "$@"
}

# The failures of requests in a file of timings, by task: request_failures FILE
request_failures()
{
    json '[.tasks[] | select(.requests) | .id + ":" + (.requests | map(.failure // "-") | join(","))] | join(" ")' "$1"
}
