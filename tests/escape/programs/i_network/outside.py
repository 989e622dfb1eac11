# SPDX-License-Identifier: Apache-2.0
# attack: T55 Out: a routed address, the metadata service, DNS by UDP, IPv6. A route is enough, no packet is needed.
# promise: 1
# without: NETNS -> route
import socket

escaped = 0
for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET, "169.254.169.254"), (socket.AF_INET, "8.8.8.8"),
                        (socket.AF_INET, "255.255.255.255"), (socket.AF_INET6, "2001:db8::1"),
                        (socket.AF_INET6, "64:ff9b::a9fe:a9fe"), (socket.AF_INET6, "fd00:ec2::254")):
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 53))
        except OSError as error:
            print("refused", address, error.strerror)
            continue
        escaped += 1
        print("ESCAPED route to", address, "from", probe.getsockname()[0])
try:
    socket.getaddrinfo("example.com", 80)
    escaped += 1
    print("ESCAPED a name was resolved: a route to a resolver")
except OSError:
    pass
if not escaped:
    print("CONTAINED nothing outside has a route")
