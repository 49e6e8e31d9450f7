#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "event.h"
#include "common.bpf.h"
#include "paths.bpf.h"
#include "call.bpf.h"
#include "process.bpf.c"
#include "open.bpf.c"
#include "file.bpf.c"
#include "privilege.bpf.c"
#include "socket.bpf.c"
#include "message.bpf.c"

char LICENSE[] SEC("license") = "GPL";
