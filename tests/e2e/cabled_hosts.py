"""Two hosts with several addresses each, on two cables."""

import errno

import harness
from hosts import link
from port_sharing import family_of

# What each host owns, on which device.
ADDRESSES = {
    "h1": {"10.9.0.1": "veth0", "10.9.0.3": "veth0", "10.9.1.1": "veth1",
           "2001:db8:9::1": "veth0", "2001:db8:9::3": "veth0",
           "2001:db8:a::1": "veth1", "10.9.2.1": "lo", "10.9.3.7": "lo",
           "2001:db8:b:1::7": "lo"},
    "h2": {"10.9.0.2": "veth0", "10.9.0.4": "veth0", "10.9.1.2": "veth1",
           "2001:db8:9::2": "veth0", "2001:db8:9::4": "veth0",
           "2001:db8:a::2": "veth1", "10.9.2.2": "lo", "10.9.3.200": "lo",
           "2001:db8:b:2::7": "lo"},
}
# Of some they own all of a prefix, by a local route.
PREFIXES = {
    "h1": {"10.9.3.7": "10.9.3.0/25", "2001:db8:b:1::7": "2001:db8:b:1::/64"},
    "h2": {"10.9.3.200": "10.9.3.128/25",
           "2001:db8:b:2::7": "2001:db8:b:2::/64"},
}
DEVICES = ["lo", "veth0", "veth1"]
LOOPBACK = ["127.0.0.1", "127.0.0.2", "::1"]
NOBODYS = ["10.9.0.9", "192.0.2.1", "2001:db8:9::9"]


def other(name):
    return "h2" if name == "h1" else "h1"


def owner_of(address):
    return next((name for name in ADDRESSES if address in ADDRESSES[name]),
                None)


def device_of(address):
    owner = owner_of(address)
    return ADDRESSES[owner][address] if owner else "lo"


def on_lo(name):
    return [address for address, device in ADDRESSES[name].items()
            if device == "lo"]


def by_cable(device):
    """By which device packets of the other host for an address of it arrive."""
    return "veth0" if device == "lo" else device


def lay_cables(hosts):
    """Gives `hosts`, by their names, what is written above."""
    for device in ("veth0", "veth1"):
        pairs = [pair for pair in zip(*ADDRESSES.values())
                 if device_of(pair[0]) == device]
        link(*hosts.values(), device,
             *([f"{address}/{64 if ':' in address else 24}"
                for address in pair] for pair in pairs))
    for name, host in hosts.items():
        far = other(name)
        for address in on_lo(name):
            if address in PREFIXES[name]:
                host.ip(f"route add local {PREFIXES[name][address]} dev lo")
            else:
                host.ip(f"address add {address} dev lo")
        for address in on_lo(far):
            gateway = next(way for way in ADDRESSES[far]
                           if family_of(way) == family_of(address))
            prefix = PREFIXES[far].get(address, address)
            host.ip(f"route add {prefix} via {gateway}")
        tell_of_closed_ports(host)
    for name, host in hosts.items():
        for address in ADDRESSES[other(name)]:
            harness.wait_until(lambda: answers(host, address),
                               f"{address} answers {name}")


def tell_of_closed_ports(host):
    """Has each datagram for a closed port answered, however many there are."""
    with host.entered():
        for setting, value in (("ipv4/icmp_ratemask", "0"),
                               ("ipv6/icmp/ratelimit", "0"),
                               # All but "packet too big" go unlimited.
                               ("ipv6/icmp/ratemask", "2")):
            with open(f"/proc/sys/net/{setting}", "w") as file:
                file.write(value)


def answers(host, address):
    """Whether `host` reaches `address`, and hears from there."""
    with host.new_socket(family_of(address)) as client:
        client.settimeout(harness.PATIENCE_SECONDS)
        return client.connect_ex((address, 9)) == errno.ECONNREFUSED
