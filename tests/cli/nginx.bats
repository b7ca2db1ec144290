#!/usr/bin/env bats
# Requests to nginx, a server that many run, with an ordinary configuration.

load helpers
load servers

# Bind the sockets, write their ports, and become the server: it takes over the bound sockets (NGINX), so no other
# program can take a port in between.  It ends with the test (setpriv).
become_nginx='
import os, socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
for one in sockets:
    one.set_inheritable(True)
ports = [str(one.getsockname()[1]) for one in sockets]
with open("nginx.conf.in") as template, open("nginx.conf", "w") as configuration:
    text = template.read()
    for name, port in zip("PLAIN TLS OTHER HTTP2 SLOW".split(), ports):
        text = text.replace(name + "_PORT", port)
    configuration.write(text)
with open("ports", "w") as out:
    print(*ports, file=out)
os.environ["NGINX"] = "".join(f"{one.fileno()};" for one in sockets)
os.execv(sys.argv[1], [sys.argv[1], "-p", os.getcwd(), "-e", "error.log", "-c", "nginx.conf"])
'

# Make a certificate: certificate NAME SUBJECT [WORD...]
certificate()
{
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.pem" -days 2 \
        -subj "/CN=$2" "${@:3}" 2>/dev/null
}

configuration()
{
    echo "user $(id -un) $(id -gn);"
    cat <<'END'
daemon off;
pid nginx.pid;
worker_processes 1;
events { worker_connections 128; }
http {
    log_format short '$connection $request_uri $status';
    access_log access.log short;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    types { text/plain txt; application/json json; }
    limit_req_zone $server_name zone=few:64k rate=5r/s;
    limit_req_zone $server_name zone=busy:64k rate=5r/s;
    gzip_types text/plain;
    gzip_min_length 100;
    gzip_proxied any;

    server {
        listen 127.0.0.1:PLAIN_PORT;
        server_name plain;
        root pages;
        location /gzip/ { alias pages/; gzip on; }
        location /moved { return 302 /small.txt; }
        location /again { return 307 /moved; }
        location /other { return 302 http://127.0.0.1:OTHER_PORT/headers; }
        location /round { return 302 /round; }
        location /few/ {
            alias pages/;
            limit_req zone=few;
            limit_req_status 429;
            error_page 429 @later;
        }
        location /busy/ {
            alias pages/;
            limit_req zone=busy;
            error_page 503 @busy;
        }
        location @later { internal; add_header Retry-After 0.25 always; return 429; }
        location @busy { internal; add_header Retry-After 1 always; return 503; }
        location /private/ { alias pages/; auth_basic private; auth_basic_user_file users; }
        location /cut/ { proxy_pass http://127.0.0.1:SLOW_PORT/; proxy_read_timeout 50ms; proxy_buffering off; }
        location /cut-gzip/ {
            proxy_pass http://127.0.0.1:SLOW_PORT/; proxy_read_timeout 50ms; proxy_buffering off; gzip on;
        }
    }
    server { # its answers end in the middle for the proxy, which loses patience
        listen 127.0.0.1:SLOW_PORT;
        root pages;
        limit_rate 1000;
    }
    server {
        listen 127.0.0.1:OTHER_PORT;
        location / { return 200 "key=[$http_x_key] authorization=[$http_authorization]"; }
    }
    server {
        listen 127.0.0.1:TLS_PORT ssl;
        ssl_certificate good.pem; ssl_certificate_key good.key;
        root pages;
    }
    server {
        listen 127.0.0.1:HTTP2_PORT ssl http2;
        keepalive_requests 5; # then GOAWAY
        ssl_certificate good.pem; ssl_certificate_key good.key;
        root pages;
        location /cut/ { proxy_pass http://127.0.0.1:SLOW_PORT/; proxy_read_timeout 50ms; proxy_buffering off; }
    }
}
END
}

setup_file()
{
    cd -- "$BATS_FILE_TMPDIR"
    certificate good localhost -addext subjectAltName=IP:127.0.0.1
    certificate wrong elsewhere -addext subjectAltName=DNS:elsewhere.test
    mkdir pages
    echo small >pages/small.txt
    seq 1 20000 >pages/large.txt
    printf 'user:%s\n' "$(openssl passwd -apr1 secret)" >users
    configuration >nginx.conf.in
}

# Start the server.  Sets plain, tls, http2.
serve()
{
    local nginx

    nginx=$(PATH=$PATH:/usr/sbin:/sbin type -P nginx) || skip 'nginx is not installed'
    cp -r "$BATS_FILE_TMPDIR"/{pages,users,*.pem,*.key,nginx.conf.in} .
    setpriv --pdeathsig TERM python3 -c "$become_nginx" "$nginx" 3>&- &
    nginx_pid=$!
    wait_until exists nginx.pid
    read -r plain tls _ http2 _ <ports
    plain=http://127.0.0.1:$plain tls=https://127.0.0.1:$tls http2=https://127.0.0.1:$http2
    forget_proxies
}

# End the server; its log is complete then.
end_nginx()
{
    [[ ${nginx_pid-} ]] || return 0
    kill "$nginx_pid"
    wait "$nginx_pid" || true
    nginx_pid=
}

teardown()
{
    end_nginx
}

# Print "id:failure", or "id:-", for the last request of each task: last_requests FILE
last_requests()
{
    json '[.tasks[] | .id + ":" + (.requests[-1].failure // "-")] | join(" ")' "$1"
}

@test "nginx: compressed, chunked, redirected and protected pages, over connections that are kept" {
    serve
    graph g.xml <<END
      <param name="password" secret="true"/>
      <service name="s" url="$plain" connections="1"/>
      <service name="mine" url="$plain" user="user" password="\${password}"/>
      <service name="stranger" url="$plain"><header name="X-Key" value="mine"/></service>
      <task id="small"><http service="s" url="small.txt"/></task>
      <task id="gzip"><http service="s" url="gzip/large.txt" save="large"/></task>
      <task id="missing" expect="404"><http service="s" url="missing.txt"/></task>
      <task id="moved"><http service="s" url="again"/></task>
      <task id="other"><http service="stranger" url="other"/></task>
      <task id="round"><http service="s" url="round"/></task>
      <task id="private"><http service="mine" url="private/small.txt"/></task>
      <task id="locked"><http service="s" url="private/small.txt"/></task>
END
    printf secret >password
    dagrun_exits 1 -k g.xml --set-file password=password --timings r.json
    cmp large pages/large.txt
    is "$(last_requests r.json)" \
        'small:- gzip:- missing:- moved:- other:- round:redirect private:- locked:status'
    json -e '.tasks[] | select(.id == "gzip") | .requests[0].bytes_received < 60000' r.json
    json -e '[.tasks[] | select(.id == "moved") | .requests | map(.redirects, .status)] == [[0, 307, 1, 302, 2, 200]]' r.json
    dagrun_exits 0 g.xml --set-file password=password other
    is "$output" 'key=[] authorization=[]'
    dagrun_exits 0 g.xml --set-file password=password private
    is "$output" small
    end_nginx
    # One connection carried the requests of the service s, which allows one.
    is "$(awk '$2 ~ "^/(gzip|missing|again|moved|round)" { print $1 }' access.log | sort | uniq -c | awk '{ print $1 }')" 10
}

@test "nginx: TLS, HTTP/2 and certificates" {
    serve
    graph g.xml <<END
      <service name="two" url="$http2" ca="good.pem" http2="on"/>
      <service name="one" url="$http2" ca="good.pem" http2="off"/>
      <service name="wrong-ca" url="$tls" ca="wrong.pem"/>
      <service name="wrong-name" url="${tls/127.0.0.1/localhost}" ca="good.pem"/>
      <service name="insecure" url="$tls" insecure="true"/>
      <task id="two"><http service="two" url="large.txt" save="large"/></task>
      <task id="two-again" needs="two"><http service="two" url="small.txt"/></task>
      <task id="one"><http service="one" url="small.txt"/></task>
      <task id="no-ca" retries="2"><http url="$tls/small.txt"/></task>
      <task id="wrong-ca" retries="2"><http service="wrong-ca" url="small.txt"/></task>
      <task id="wrong-name"><http service="wrong-name" url="small.txt"/></task>
      <task id="insecure"><http service="insecure" url="small.txt"/></task>
      <task id="plain"><http url="${tls/https/http}/small.txt"/></task>
END
    dagrun_exits 1 -k g.xml --timings r.json
    cmp large pages/large.txt
    is "$(request_failures r.json)" \
        'two:- two-again:- one:- no-ca:tls wrong-ca:tls wrong-name:tls insecure:- plain:status'
    is "$(json '[.tasks[] | select(.id | IN("two", "two-again", "one")) | .requests[0] | .http_version, .reused] | join(" ")' r.json)" \
        '2 false 2 true 1.1 false'
    is "$(json '[.tasks[] | select(.id | IN("no-ca", "wrong-ca")) | .requests[0].sent] | join(" ")' r.json)" 'false false'
}

@test "nginx: connections of HTTP/2 that the server gives up lose no request" {
    serve
    {
        echo "<service name='two' url='$http2' ca='good.pem' http2='on' connections='8'/>"
        for i in {1..30}; do
            echo "<task id='t$i'><http service='two' url='small.txt'/></task>"
        done
    } | graph g.xml
    dagrun_exits 0 g.xml --timings r.json
    json -e '[.tasks[].requests[-1] | .status == 200 and .http_version == "2"] | all' r.json
    end_nginx
    # Five requests for each connection, so several were given up.
    (($(awk '{ print $1 }' access.log | sort -u | wc -l) >= 6))
}

@test "nginx: limit_req is waited for, at 429 and at 503" {
    serve
    {
        echo "<pool name='little' rate='100/s' burst='9'/>"
        echo "<service name='few' url='$plain/few/' uses='little'/><service name='busy' url='$plain/busy/'/>"
        for i in 1 2 3; do
            echo "<task id='few$i'><http service='few' url='small.txt'/></task>"
        done
        echo "<task id='busy1'><http service='busy' url='small.txt'/></task>"
        echo "<task id='busy2'><http service='busy' url='small.txt'/></task>"
    } | graph g.xml
    dagrun_exits 0 g.xml --timings r.json --events events
    matches "$stderr" 'few[123]  waits [0-9]+ ms for little, as its server asks'
    is "$(json 'select(.event == "attempt-withdrawn") | .pool // empty' events | sort -u)" little
    # No attempt is used, and some request of each was refused and waited.
    json -e '[.tasks[] | .requests[].attempt == 1] | all' r.json
    json -e '[.tasks[].requests[] | select(.status == 429 and .failure == "throttled")] | length >= 1' r.json
    json -e '[.tasks[].requests[] | select(.status == 503 and .failure == "throttled")] | length >= 1' r.json
    json -e '[.tasks[] | select(.id | startswith("busy")) | .requests[].throttled_seconds] | max >= 0.9' r.json
    end_nginx
    is "$(grep -c ' 200$' access.log)" 5 # one of each task
}

@test "nginx: an answer that ends in the middle is a failure, however long it was to be" {
    serve
    graph g.xml <<END
      <service name="two" url="$http2" ca="good.pem" http2="on"/>
      <task id="length"><http url="$plain/cut/large.txt" save="length"/></task>
      <task id="chunked"><http url="$plain/cut-gzip/large.txt" save="chunked"/></task>
      <task id="two"><http service="two" url="cut/large.txt" save="two"/></task>
      <task id="post"><http url="$plain/cut/large.txt" method="POST"><body>a</body></http></task>
END
    dagrun_exits 1 -k g.xml --timings r.json
    is "$(request_failures r.json)" 'length:cut chunked:cut two:cut post:status'
    [[ ! -e length && ! -e chunked && ! -e two ]]
    has "$stderr" 'incomplete'
}
