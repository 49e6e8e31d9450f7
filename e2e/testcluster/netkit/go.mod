module eyrie/netkit

go 1.24
