# SPDX-License-Identifier: Apache-2.0
"""Webhooks: told of the end of a job, signed, again until it is heard, and never where they must not lead."""

import base64
import hashlib
import hmac
import http.server
import json
import socket
import threading
import time

from lib.client import wait_until
from lib.scenario import cases
from lib.server import Server

HERE = {"webhooks": True, "webhook_allow": "127.0.0.0/8, ::1", "webhook_retry_ms": 50}
SETTINGS = HERE
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()


class _Receiver:
    """
    An HTTP server that notes what it is sent and what it answers that with; answers: statuses in turn, the last one
    from then on.
    """

    def __init__(self, *answers, location=None, pause_s=0):
        self.seen, self.answers, self.lock = [], list(answers) or [200], threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                status = outer.note(self.path, dict(self.headers.items()), self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(pause_s)
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def note(self, path, headers, body):
        """The status that it is answered with; which one that is goes by the order of `seen`."""
        with self.lock:
            status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            self.seen.append((path, headers, body, time.time(), status))
            return status

    def told(self):
        """The ids of the executions whose ends it has taken."""
        with self.lock:
            return {json.loads(body)["data"]["id"] for _, _, body, _, status in self.seen if status < 300}

    def url(self, host="127.0.0.1", path="/hook"):
        return f"http://{host}:{self.port}{path}"

    def wait(self, count=1, within=20):
        def came():
            """so many were received"""
            return len(self.seen) >= count

        wait_until(came, within)
        return self.seen

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def _accept(server, url, code="print(6 * 7)", **webhook):
    return server.execute("python", code, **{"async": True, "webhook": {"url": url, **webhook}})


def _accepted(server, url, code="print(6 * 7)", **webhook):
    reply = _accept(server, url, code, **webhook)
    assert reply.status == 202 and reply.json["webhook"] is True, reply
    return reply.json["id"]


def _delivery(server, identifier, within=20):
    def settled():
        """the webhook is done with"""
        return server.get(f"/v1/executions/{identifier}").json.get("delivery", {}).get("state") not in (None, "waiting")

    wait_until(settled, within)
    return server.get(f"/v1/executions/{identifier}").json["delivery"]


def the_receiver_is_told_of_the_end_with_the_result(server):
    with _Receiver() as receiver:
        identifier = _accepted(server, receiver.url(path="/hook?a=b"))
        (path, headers, body, *_), = receiver.wait()
        told = json.loads(body)
        assert path == "/hook?a=b" and headers["Content-Type"] == "application/json", headers
        assert told["type"] == "execution.finished" and told["data"]["id"] == identifier
        assert told["data"]["result"]["stdout"] == "42\n" and told["timestamp"] == told["data"]["finished_at"], told
        assert headers["webhook-id"] == "whk_" + identifier[4:] and abs(int(headers["webhook-timestamp"]) - time.time()) < 60
        assert "webhook-signature" not in headers
        assert _delivery(server, identifier) == {"state": "delivered", "attempts": 1, "http_status": 200}


@cases((SECRET, b"0123456789abcdef01234567"), ("a plain secret", b"a plain secret"))
def it_is_signed_with_the_secret(server, secret, key):
    with _Receiver() as receiver:
        _accepted(server, receiver.url(), secret=secret)
        (_, headers, body, *_), = receiver.wait()
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        assert headers["webhook-signature"] == "v1," + mac


def it_is_sent_again_until_it_is_heard_under_the_same_id(server):
    with _Receiver(500, 503, 302, 204) as receiver:
        identifier = _accepted(server, receiver.url())
        seen = receiver.wait(4)
        assert len({row[1]["webhook-id"] for row in seen}) == 1 and len({row[2] for row in seen}) == 1
        gaps = [b[3] - a[3] for a, b in zip(seen, seen[1:])]
        assert gaps[0] >= 0.05 and gaps[1] >= 0.1 and gaps[2] >= 0.2, gaps
        assert _delivery(server, identifier) == {"state": "delivered", "attempts": 4, "http_status": 204}
        assert len(receiver.seen) == 4


def who_says_gone_is_not_asked_again(server):
    with _Receiver(410) as receiver:
        identifier = _accepted(server, receiver.url())
        assert _delivery(server, identifier) == {"state": "failed", "attempts": 1, "http_status": 410}
        assert len(receiver.seen) == 1


def only_of_the_ends_that_were_asked_for(server):
    with _Receiver() as receiver:
        unwanted = _accepted(server, receiver.url(), events=["cancelled", "lost"])
        assert _delivery(server, unwanted)["state"] == "unwanted"
        wanted = _accepted(server, receiver.url(), "import time; time.sleep(30)", events=["cancelled"])
        assert server.request("DELETE", f"/v1/executions/{wanted}").status == 200
        (_, _, body, *_), = receiver.wait()
        assert json.loads(body)["type"] == "execution.cancelled" and json.loads(body)["data"]["id"] == wanted


def a_redirection_is_an_answer_and_not_followed(server):
    with _Receiver() as inner, _Receiver(307, 301, 410, location=inner.url()) as receiver:
        identifier = _accepted(server, receiver.url())
        assert _delivery(server, identifier)["attempts"] == 3
        assert len(receiver.seen) == 3 and not inner.seen


def a_large_result_is_left_out(server):
    with _Receiver() as receiver:
        identifier = _accepted(server, receiver.url(), "print('x' * 600000)")
        (_, _, body, *_), = receiver.wait()
        data = json.loads(body)["data"]
        assert data["result_omitted"] is True and "result" not in data and data["status"] == "ok", data
        assert len(server.get(f"/v1/executions/{identifier}").json["result"]["stdout"]) == 600001


# --- where it must not lead ---

INNER = ("127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "0.0.0.0", "[::1]", "[::]",
         "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "10.0.0.1", "172.16.0.1", "192.168.0.1",
         "169.254.169.254", "100.64.0.1", "[fd00:ec2::254]", "[fe80::1]", "224.0.0.1", "255.255.255.255", "198.18.0.1")


def no_way_of_writing_an_inner_address_leads_there():
    with Server({**HERE, "webhook_allow": ""}) as server, _Receiver() as receiver:
        accepted = {host: _accepted(server, receiver.url(host)) for host in INNER}
        found = {host: _delivery(server, identifier) for host, identifier in accepted.items()}
        # what is no address for the resolver of this host is not sent either, and not refused by the guard
        reached = {host: d for host, d in found.items() if d["state"] != "failed" or "http_status" in d}
        assert not reached and not receiver.seen, (reached, receiver.seen)
        refused = {host for host, d in found.items() if d == {"state": "failed", "attempts": 1, "reason": "The address is an inner one."}}
        assert refused >= {"127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]", "2130706433"}, found


def what_the_operator_lists_is_reached_and_its_neighbour_is_not():
    with Server({**HERE, "webhook_allow": "127.0.0.2"}) as server, _Receiver() as receiver:
        assert _delivery(server, _accepted(server, receiver.url()))["state"] == "failed" and not receiver.seen
        with socket.create_server(("127.0.0.2", 0)) as listener:
            _accepted(server, f"http://127.0.0.2:{listener.getsockname()[1]}/")
            listener.settimeout(10)
            connection, _ = listener.accept()
            connection.close()


@cases("ftp://example.com/", "file:///etc/passwd", "gopher://x/", "http://user:word@example.com/", "http://", "http:///x", "//example.com",
       "http://example.com:0/", "http://example.com:65536/", "http://example.com:x/", "http://exam ple.com/", "http://example.com/\r\nX: y",
       "http://[::1", "http://example.com#f", "http://a@b", "http://example.com\\@127.0.0.1/", "http://" + "x" * 3000, "http://%31.2.3.4/")
def what_is_no_plain_url_is_refused_at_once(server, url):
    reply = _accept(server, url)
    assert reply.status == 400 and reply.error["field"] == "webhook.url", reply


def what_else_is_wrong_is_refused_at_once(server):
    good = "http://example.com/"
    for webhook in ({"url": good, "secret": ""}, {"url": good, "secret": "whsec_!"}, {"url": good, "secret": "x" * 257},
                    {"url": good, "events": ["queued"]}, {"secret": "x"}, {"url": good, "more": 1}, good):
        reply = server.execute("python", "1", **{"async": True, "webhook": webhook})
        assert reply.status == 400, (webhook, reply)
    reply = server.execute("python", "1", webhook={"url": good})
    assert reply.status == 400 and reply.error["field"] == "webhook", reply


def a_server_whose_operator_has_not_turned_them_on_says_so():
    with Server() as server:
        reply = _accept(server, "http://example.com/")
        assert reply.status == 501 and reply.error["code"] == "not_implemented", reply
        assert not server.log_events("courier_gone") and "courier" not in {e["child"] for e in server.log_events("child_started")}


# --- receivers that do not behave ---

def one_that_never_answers_is_left_in_time():
    with Server({**HERE, "webhook_time_ms": 300, "webhook_attempts_max": 2}) as server, socket.create_server(("127.0.0.1", 0)) as deaf:
        identifier = _accepted(server, f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        delivery = _delivery(server, identifier)
        assert delivery["state"] == "failed" and delivery["attempts"] == 2 and "timed out" in delivery["reason"], delivery


def one_that_answers_without_end_is_cut_off(server):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def pour():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                try:
                    while True:
                        connection.sendall(b"x" * 65536)
                except OSError:
                    pass

        thread = threading.Thread(target=pour)
        thread.start()
        identifier = _accepted(server, f"http://127.0.0.1:{listener.getsockname()[1]}/")
        assert _delivery(server, identifier)["state"] == "delivered"
        thread.join(10)
        assert not thread.is_alive()


def slow_ones_of_one_key_do_not_keep_others_waiting():
    with Server({**HERE, "jobs_running_max": 64}) as server, _Receiver(pause_s=1) as slow, _Receiver() as quick:
        other = server.make_key()

        def accepted():
            """the new key is known"""
            return server.get("/v1/runtimes", key=other).status == 200

        wait_until(accepted)
        for _ in range(40):
            _accepted(server, slow.url(), "1")
        slow.wait(16)
        began = time.monotonic()
        server.execute("python", "1", key=other, **{"async": True, "webhook": {"url": quick.url()}})
        quick.wait()
        assert time.monotonic() - began < 4
        slow.wait(40)


# --- a database that does not behave ---

def one_that_was_tried_otherwise_than_the_front_knows_is_told():
    with Server(HERE) as server, _Receiver() as receiver:
        identifier = _accepted(server, receiver.url(), "import time; time.sleep(1)")
        with server.database() as database:
            assert database.execute("UPDATE documents SET mark = 5 WHERE id = ?", ("whk_" + identifier[4:],)).rowcount == 1
        assert _delivery(server, identifier) == {"state": "delivered", "attempts": 5, "http_status": 200}
        assert len(receiver.seen) == 1


def that_one_was_told_is_kept_when_the_database_takes_it():
    with Server(HERE) as server, _Receiver(pause_s=1) as receiver:
        identifier = _accepted(server, receiver.url())
        receiver.wait()
        with server.database() as database:
            database.execute("BEGIN IMMEDIATE")
            wait_until(lambda: server.log_events("documents"), 20)
            database.execute("ROLLBACK")
        assert _delivery(server, identifier) == {"state": "delivered", "attempts": 1, "http_status": 200}
        assert len(receiver.seen) == 1


# --- killed ---

@cases("front", "store", "courier", "everything")
def whatever_is_killed_each_end_is_told(role):
    with Server(HERE) as server, _Receiver(500, 500, 500, 200) as receiver:
        accepted = {_accepted(server, receiver.url(), f"import time; time.sleep(0.05); print({i})") for i in range(20)}
        receiver.wait(6)
        if role == "everything":
            server.process.kill()
            server.process.wait()
            server.start()
        else:
            server.wait_restarted(role, server.kill(role))

        def told():
            """all ends were told"""
            return receiver.told() == accepted

        wait_until(told, 40)

        def done():
            """no webhook waits any more"""
            return server.metrics()["sandglass_webhooks_waiting"] == 0

        wait_until(done)
        states = {_delivery(server, identifier)["state"] for identifier in accepted}
        assert states == {"delivered"}, states
