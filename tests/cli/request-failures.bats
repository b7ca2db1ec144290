#!/usr/bin/env bats
# The table "Requests that fail" of docs/reliability.md: every row is tried.

load helpers

# Requests that fail in each way, by the first column of the table: attributes of <http>, and of the service
# after "|"; BASE is the server, TLS one with a certificate of its own, FULL one that accepts nothing.
declare -gA ways=(
    ['name of the host not found']='url="http://LONG.test/"'
    ['no connection']='url="http://127.0.0.1:1/"
url="text/a"|url="BASE" proxy="http://127.0.0.1:1"'
    ['no connection within `connect-timeout`']='url="FULL/" connect-timeout="50ms"'
    ['proxy not found, or refuses']='url="text/a"|url="BASE" proxy="http://LONG.test"
url="text/a"|url="TLS" proxy="BASE"'
    ['TLS cannot begin']='url="HTTPS/"'
    ['certificate invalid']='url="TLS/"'
    ['sent, and no answer']='url="BASE/silent"
url="BASE/cut/20"'
    ['answer incomplete']='url="BASE/cut/30"
url="BASE/cut/60"'
    ['no first byte within `first-byte`']='url="BASE/wait/1000/text/a" first-byte="50ms"'
    ['no further byte within `stall`']='url="BASE/stall" stall="50ms"'
    ['answer is not HTTP, or cannot be decoded']='url="BASE/garbage"
url="BASE/header/Content-Encoding/gzip"'
    ['status 408, 425']='url="BASE/status/408"
url="BASE/status/425"'
    ['status 429; status 503 or 529 with `Retry-After`']='url="BASE/limited/1/429/0.01/NTH"
url="BASE/limited/1/503/0.01/NTH"
url="BASE/limited/1/529/0.01/NTH"'
    ['status 402; status 429 for a quota that is used up']='url="BASE/status/402"
url="BASE/quota"'
    ['status 500, 502 to 504, 520 to 529']='url="BASE/status/500"
url="BASE/status/502"
url="BASE/status/503"
url="BASE/status/504"
url="BASE/status/520"
url="BASE/status/529"'
    ['other status']='url="BASE/status/400"
url="BASE/status/404"
url="BASE/status/501"
url="BASE/status/505"'
    ['answer too large, not saved, nothing to extract, redirect refused']='url="BASE/text/larger" max-size="3"
url="BASE/text/a" save="none/file"
url="BASE/text/a"><extract json="/a"/>
url="BASE/redirect/302/ftp://127.0.0.1/" redirects="1"'
)

# Servers of the connections that cannot be made: one with TLS, one with a full queue.  They end with the
# file descriptor 8.
other_servers='
import socket, ssl, sys, threading
full = socket.socket()
full.bind(("127.0.0.1", 0))
full.listen(0)
waiting = [socket.socket() for _ in range(3)]
for one in waiting:
    one.setblocking(False)
    one.connect_ex(full.getsockname())
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert", "key")
tls = socket.create_server(("127.0.0.1", 0))
def serve():
    while True:
        connection = tls.accept()[0]
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            connection.close()
threading.Thread(target=serve, daemon=True).start()
print(full.getsockname()[1], tls.getsockname()[1], flush=True)
sys.stdin.read()
'

serve()
{
    mkfifo control
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out cert -days 2 -subj /CN=localhost 2>/dev/null
    python3 "$source_dir/tests/support/http-server.py" log <control >port 3>&- &
    python3 -c "$other_servers" <control >ports 3>&- &
    exec 8>control
    wait_until test -s port -a -s ports
    read -r full tls <ports
    base=http://127.0.0.1:$(<port)
    long=$(printf 'a%.0s' {1..64}) # no part of a name is as long, so nobody is asked for it
    unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
}

teardown()
{
    exec 8>&-
}

# Print the rows of the table: failure|word|idempotent|other
rows()
{
    sed -n '/^## Requests that fail/,/^## Guar/p' "$source_dir/docs/reliability.md" |
        sed -n '/^|---/,$s/^| \(.*\) | \(.*\) | \(.*\) | \(.*\) |$/\1|\2|\3|\4/p'
}

# Write the text with the places of the servers: places TEXT NUMBER
places()
{
    local text=${1//BASE/$base}

    text=${text//HTTPS/https:${base#http:}}
    text=${text//TLS/https://127.0.0.1:$tls}
    text=${text//FULL/http://127.0.0.1:$full}
    text=${text//LONG/$long}
    echo "${text//NTH/$2}" # the server counts the requests of a path
}

# Write a task that fails in this way: fails ID WAY ATTRIBUTES [ATTRIBUTES-OF-THE-TASK]
fails()
{
    local request=${2%|*} service='' children=''

    [[ $2 != *'|'* ]] || service=${2#*|}
    [[ $request != *'>'* ]] || children=${request#*>} request=${request%%>*}
    [[ -z $service ]] || places "<service name='s$1' $service/>" "$1"
    places "<task id='$1' retries='1' retry-delay='1ms' ${4-}><http ${service:+service='s$1'} $request $3>$children</http></task>" "$1"
}

# Print for each task how often it was tried, or "waits" if it succeeded after one attempt.
tried()
{
    json '[.tasks[] | .id + ":" + if .outcome == "succeeded" then "waits" else .attempts // [1] | length | tostring end] |
        join(" ")' r.json
}

# The number of attempts that a cell of the table means.
means()
{
    case $1 in
    again) echo 2 ;;
    no) echo 1 ;;
    *) echo "$1" ;;
    esac
}

@test "every row of the table, with an idempotent request and with another" {
    local -A known=()
    local i wanted

    serve
    while IFS='|' read -r failure _ idempotent other; do
        known[$failure]=1 i=0 wanted=''
        [[ ${ways[$failure]-} ]] || { echo "no request fails like this: $failure"; return 1; }
        idempotent=$(means "$idempotent") other=$(means "$other")
        while read -r way; do
            fails "get$i" "$way" ''
            fails "marked$i" "$way" 'method="POST" idempotent="true"'
            fails "post$i" "$way" 'method="POST"'
            wanted+="get$i:$idempotent marked$i:$idempotent post$i:$other "
            i=$((i + 1))
        done <<<"${ways[$failure]}" >tasks
        graph g.xml <tasks
        dagrun_exits "$([[ $other == waits ]] && echo 0 || echo 1)" -q -k g.xml --timings r.json
        is "$failure: $(tried) " "$failure: $wanted"
    done < <(rows)
    is "${#known[@]}" "${#ways[@]}" # and each way has a row
}

@test "the word of each failure, for retry-on" {
    local i list wanted word words

    serve
    while IFS='|' read -r failure words _; do
        [[ $words != – ]] || continue
        i=0 wanted=''
        while read -r way; do
            if [[ $words == *'the status'* ]]; then
                list=${way##*/}
                list=${list%\"}
            else
                list=$(grep -oE '`[^`]*`' <<<"$words" | tr -d '`')
            fi
            [[ $words != *5xx* ]] || list+=' 5xx'
            for word in $list; do
                fails "a$i" "$way" '' "retry-on='$word'"
                fails "b$i" "$way" '' 'retry-on="599"'
                wanted+="a$i:2 b$i:1 "
                i=$((i + 1))
            done
        done <<<"${ways[$failure]}" >tasks
        graph g.xml <tasks
        dagrun_exits 1 -q -k g.xml --timings r.json
        is "$failure: $(tried) " "$failure: $wanted"
    done < <(rows)
}
